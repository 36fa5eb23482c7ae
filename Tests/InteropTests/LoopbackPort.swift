// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation

/// A port of the loopback interface that nobody uses.
///
/// It lies below the range from which the system serves outgoing connections and listeners that ask for any port, so
/// that nobody takes it while a server is restarted.
enum LoopbackPort {
    static let range = UInt16(20_000)...32_000
    private static let attemptsMax = 100

    static func unused() throws -> UInt16 {
        for _ in 0..<attemptsMax {
            let port = UInt16.random(in: range)
            if isFree(port, SOCK_STREAM), isFree(port, SOCK_DGRAM) { return port }
        }
        throw InteropError("no port of \(range) is free")
    }

    private static func isFree(_ port: UInt16, _ kind: __socket_type) -> Bool {
        let descriptor = socket(AF_INET, Int32(kind.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
