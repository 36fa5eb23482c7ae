// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A machine's key together with its public half.
///
/// The public half costs a tenth of a handshake to compute, so a server keeps one of these.
package struct MachineKeyPair: Sendable {
    /// What the other side knows.
    package let publicKey: MachineKey
    let agreement: KeyAgreement

    /// Computes the public half.
    ///
    /// - Throws: ``NoiseError/unusableKey`` if the library refuses the key.
    package init(_ key: MachinePrivateKey) throws(NoiseError) {
        agreement = try KeyAgreement(key.bytes, .machineKey)
        guard let publicKey = MachineKey(bytes: agreement.publicKey) else { throw .unusableKey }
        self.publicKey = publicKey
    }
}
