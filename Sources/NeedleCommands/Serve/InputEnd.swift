// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Notices that whoever started this process is gone, also when that one was killed and could say nothing: a pipe that it
/// holds open, and never writes into, comes to its end.
enum InputEnd {
    /// Calls `body` once, on a thread of its own, when a descriptor has come to its end.
    static func watch(_ descriptor: Int32, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread {
            var byte: UInt8 = 0
            while true {
                let count = read(descriptor, &byte, 1)
                if count == 0 || count < 0 && errno != EINTR { return body() }
            }
        }
        thread.start()
    }

    /// Asks this process to stop, as `kill` does, when its standard input has come to its end.
    static func stopProcess() {
        watch(STDIN_FILENO) { kill(getpid(), SIGTERM) }
    }
}
