// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// Memory that all connections of one event loop use in turn, so that none has to have its own.
final class LoopScratch {
    /// Where one record is opened.
    var record: ByteBuffer

    init() {
        record = ByteBufferAllocator().buffer(capacity: 8192)
    }
}
