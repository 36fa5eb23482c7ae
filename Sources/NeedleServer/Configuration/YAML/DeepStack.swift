// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Synchronization

/// Runs code that may call itself deeply on a thread whose stack has room for it.
///
/// The YAML parser follows up to a thousand levels by recursion, which takes up to 2 MiB; threads of the concurrency
/// runtime have less on some systems. Waiting here blocks no other task for longer than the code itself runs.
enum DeepStack {
    /// Bytes of stack, of which only what is used takes memory.
    static let size = 16 * 1024 * 1024

    /// What `body` returns.
    static func run<Success: Sendable>(_ body: @escaping @Sendable () -> Success) -> Success {
        let box = Box<Success>()
        let finished = DispatchSemaphore(value: 0)
        let thread = Thread {
            let value = body()
            box.value.withLock { $0 = value }
            finished.signal()
        }
        thread.stackSize = size
        thread.start()
        finished.wait()
        guard let value = box.value.withLock({ $0 }) else {
            preconditionFailure("a thread signalled its end without a value")
        }
        return value
    }

    private final class Box<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }
}
