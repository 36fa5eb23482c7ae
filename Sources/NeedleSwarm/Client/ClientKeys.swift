// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleNoise
package import NeedleTypes

/// The keys of one simulated client, with their public halves.
package struct ClientKeys: Sendable {
    /// The machine's; a client keeps it for life.
    package var machine: MachineKeyPair
    /// The node's, replaced at every new log-in.
    package private(set) var node: NodePrivateKey
    /// The public half of ``node``.
    package private(set) var nodeKey: NodeKey
    /// The public half of the process's discovery key; the private half has no use here.
    package private(set) var discoKey: DiscoKey

    /// New keys.
    ///
    /// - Throws: ``NoiseError`` if the library refuses a key, which does not happen.
    package init(using random: inout some RandomNumberGenerator) throws(NoiseError) {
        machine = try MachineKeyPair(.generate(using: &random))
        node = .generate(using: &random)
        nodeKey = try node.publicKey
        discoKey = try PrivateKey<DiscoRole>.generate(using: &random).publicKey
    }

    /// Keys of before, as a client has them that was started again; the discovery key is new.
    package init(
        machine: MachinePrivateKey,
        node: NodePrivateKey,
        using random: inout some RandomNumberGenerator
    ) throws(NoiseError) {
        self.machine = try MachineKeyPair(machine)
        self.node = node
        nodeKey = try node.publicKey
        discoKey = try PrivateKey<DiscoRole>.generate(using: &random).publicKey
    }

    /// Takes another node key.
    package mutating func replaceNode(_ key: NodePrivateKey) throws(NoiseError) {
        nodeKey = try key.publicKey
        node = key
    }

    /// Takes another discovery key, as a restarted process does.
    package mutating func rotateDisco(using random: inout some RandomNumberGenerator) throws(NoiseError) {
        discoKey = try PrivateKey<DiscoRole>.generate(using: &random).publicKey
    }
}
