// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The numbers of the relay protocol, version 2.
///
/// - Source: `derp/derp.go`, `derp/derpserver/derpserver.go` of the public client.
package enum DERPProtocol {
    /// The only version that clients speak.
    package static let version = 2
    /// How a greeting begins: `DERP` and a key in UTF-8.
    package static let magic: [UInt8] = [0x44, 0x45, 0x52, 0x50, 0xf0, 0x9f, 0x94, 0x91]
    /// Type and length.
    package static let headerBytes = 5
    /// A public key.
    package static let keyBytes = 32
    /// What precedes a sealed box.
    package static let nonceBytes = 24
    /// The longest packet that is carried.
    package static let packetBytesMax = 65_536
    /// The longest log-in.
    package static let clientInfoBytesMax = 262_144
    /// The longest ping; only its first eight bytes are answered.
    package static let pingBytesMax = 1_000
    /// The longest frame that a client reads, and the longest unknown one that the server throws away.
    package static let frameBytesMax = 1 << 20

    /// How a path discovery packet begins; the server looks no further into packets.
    package static let discoMagic: [UInt8] = [0x54, 0x53, 0xf0, 0x9f, 0x92, 0xac]
    /// Magic, sender's key and nonce: no discovery packet is shorter.
    package static let discoBytesMin = 62

    /// Whether a packet looks like path discovery rather than WireGuard.
    package static func looksLikeDisco(_ packet: some DERPBytes) -> Bool {
        packet.byteCount >= discoBytesMin && packet.view.starts(with: discoMagic)
    }
}
