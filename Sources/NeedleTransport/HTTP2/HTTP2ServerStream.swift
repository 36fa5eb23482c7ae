// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

/// One stream as the machine sees it: its windows, and what waits to be sent.
///
/// ```
/// receiving ──END_STREAM──▶ hasRequest ─┐
///                                       ├─▶ forgotten
/// waiting … ──END_STREAM──▶ hasEnded  ──┘
/// ```
struct HTTP2ServerStream {
    let id: UInt32
    /// What the client lets us send; negative when it has lowered its window.
    var sendWindow: Int
    /// What we let the client send.
    var receiveWindow: Int
    /// What it has sent of that and may send again, but has not been told yet.
    var unacknowledged = 0
    /// What `content-length` has announced and has not come; nothing if it announced nothing.
    var announced: Int?
    /// Whether all of the request is here.
    var hasRequest = false
    /// Whether the response's head was written.
    var hasHead = false
    /// Whether the last of ``waiting`` is the last of the response.
    var endsAfterWaiting = false
    /// Whether the end of the response was handed out.
    var hasEnded = false
    /// Whether more waits than should, until little enough does.
    var isFull = false
    var waiting = HTTP2SendQueue()
    /// What all streams together had handed out when this one last did.
    var handedMark = 0

    init(id: UInt32, sendWindow: Int, receiveWindow: Int, announced: Int?) {
        self.id = id
        self.sendWindow = sendWindow
        self.receiveWindow = receiveWindow
        self.announced = announced
    }
}
