// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes
internal import NeedleWire

extension MapDifference {
    /// How many nodes a run has on average for a page to be sent in runs.
    ///
    /// Shorter ones compress worse: of nodes alone, 2.7 times the bytes of 64 together. With one node of 64 left out,
    /// the page is 10 % larger, and nothing has to be compressed for it.
    static let nodesPerRunMin = 4

    /// Adds a list of whole nodes that begins with `opening`, if there are any.
    func append(_ nodes: NodeSet, to message: inout MapMessage, as opening: StaticString) {
        var isFirst = true
        for page in 0..<nodes.blockCount {
            let visible = nodes.bits(ofBlock: page)
            if visible == 0 { continue }
            if isFirst { message.own.raw(opening) }
            append(page: page, visible, isFirst: isFirst, to: &message)
            isFirst = false
        }
        if !isFirst { message.own.raw("]") }
    }

    /// Adds the nodes of one page whose bits are set: in runs that others see as well, or, if they are too scattered for
    /// that, as a piece for those who see the same ones.
    private func append(page: Int, _ visible: UInt64, isFirst: Bool, to message: inout MapMessage) {
        let runs = AlignedRun.cutting(visible)
        if runs.count == 1 || runs.count * Self.nodesPerRunMin <= visible.nonzeroBitCount {
            for run in runs {
                let changed = tailnet.nodes.changed(page: page, in: run)
                let isFirst = isFirst && run.start == runs[0].start
                message.append(piece(page: page, run.bits, changed: changed, isFirst: isFirst))
            }
            return
        }
        // The page that lacks the viewer itself is like nobody else's.
        if page == viewer.slot.index / NodeTable.slotsPerPage, view.peers.contains(viewer.slot) {
            let json = tailnet.peerElements(page: page, visible: visible, isFirst: isFirst, for: viewer)
            return message.append(.own(json[...]))
        }
        let changed = runs.reduce(Revision.zero) { max($0, tailnet.nodes.changed(page: page, in: $1)) }
        message.append(piece(page: page, visible, changed: changed, isFirst: isFirst))
    }

    private func piece(page: Int, _ visible: UInt64, changed: Revision, isFirst: Bool) -> MapPiece {
        let (snapshot, viewer) = (self.snapshot, self.viewer)
        var routers: [RouterView] = []
        let among = visible & tailnet.nodes.routers(page: page)
        if among != 0 {
            tailnet.nodes.forEach(page: page, in: among) {
                routers.append(RouterView(of: $0, for: viewer, in: snapshot.tailnet))
            }
        }
        let key = MapPiece.Key.peers(
            page: page,
            changed: changed,
            visible: visible,
            isFirst: isFirst,
            routers: routers
        )
        return .shared(key) {
            snapshot.tailnet.peerElements(page: page, visible: visible, isFirst: isFirst, for: viewer)
        }
    }
}
