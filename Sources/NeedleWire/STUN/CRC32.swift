// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The checksum of Ethernet, zip and STUN fingerprints.
///
/// Ours because none of the packages that the server uses exports one, and zlib's would bring a C library for a dozen
/// lines. A table of one byte is plenty for datagrams of 40 bytes.
///
/// - Source: ITU-T V.42, 8.1.1.6.2, with the reflected polynomial 0xedb88320.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }

    /// The checksum of `bytes`.
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let table = table
        return ~bytes.reduce(UInt32.max) { crc, byte in
            crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
        }
    }
}
