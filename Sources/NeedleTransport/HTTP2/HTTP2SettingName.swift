// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The names of settings.
///
/// - Source: RFC 9113, section 6.5.2.
enum HTTP2SettingName {
    static let headerTableSize: UInt16 = 1
    static let push: UInt16 = 2
    static let streamsMax: UInt16 = 3
    static let initialWindow: UInt16 = 4
    static let frameBytesMax: UInt16 = 5
    static let headerBytesMax: UInt16 = 6
}
