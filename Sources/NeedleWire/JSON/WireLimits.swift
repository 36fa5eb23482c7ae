// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How much a peer may put into one message; beyond these a message is refused with ``WireError/Code/limitExceeded``.
///
/// The transport already bounds whole bodies (1 MiB); these keep one node from growing what every other node receives.
package enum WireLimits {
    /// Objects and arrays inside each other.
    package static let depthMax = 64
    /// Bytes of any one string that has no tighter limit.
    package static let stringBytesMax = 16384
    /// Bytes of a host name, an OS name, a version and the other short texts of a `Hostinfo`.
    package static let shortStringBytesMax = 1024
    /// Digits, sign, point and exponent of one number.
    package static let numberBytesMax = 64
    /// UDP endpoints of one node; clients send about ten.
    package static let endpointsMax = 128
    /// Routes that one node may advertise.
    package static let routesMax = 2048
    /// Services that one node may list.
    package static let servicesMax = 512
    /// Tags that one node may ask for.
    package static let tagsMax = 128
    /// SSH host keys of one node.
    package static let sshHostKeysMax = 32
    /// Wake-on-LAN addresses of one node.
    package static let wolMACsMax = 64
    /// Measured relay latencies: two a region.
    package static let latenciesMax = 1024
    /// Debug flags of one map request.
    package static let debugFlagsMax = 64
    /// Device attributes of one update.
    package static let attributesMax = 256
    /// Recorders tried for one SSH session.
    package static let recordingAttemptsMax = 64
    /// Bytes of a signature, certificate or other opaque value, decoded.
    package static let blobBytesMax = 65536
    /// Items of a list that comes from a server, which only simulated clients and tests read.
    package static let serverListMax = 1_048_576
}
