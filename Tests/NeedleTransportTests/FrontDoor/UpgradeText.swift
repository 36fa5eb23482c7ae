// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation

/// Upgrade requests as clients write them.
enum UpgradeText {
    /// The Go client's form, or the Rust client's with an absolute target.
    static func noise(initiation: [UInt8], method: String = "POST", target: String = "/ts2021") -> String {
        """
        \(method) \(target) HTTP/1.1\r
        host: control.example\r
        upgrade: tailscale-control-protocol\r
        CONNECTION: Upgrade\r
        x-tailscale-handshake: \(Data(initiation).base64EncodedString())\r
        content-length: 0\r
        \r

        """
    }
}
