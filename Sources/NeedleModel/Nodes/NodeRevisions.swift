// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// When each kind of change last happened to a node.
///
/// With this a session that knows the node as of some revision finds what to send by comparing numbers, however far
/// behind it is, and nothing has to be queued.
package struct NodeRevisions: Sendable {
    private var endpoints = Revision.zero
    private var homeDERP = Revision.zero
    private var online = Revision.zero
    private var key = Revision.zero
    private var disco = Revision.zero
    private var expiry = Revision.zero
    private var capability = Revision.zero
    private var routes = Revision.zero
    private var whole = Revision.zero
    /// The largest of all.
    private(set) var latest = Revision.zero

    /// Takes note that `changes` happened at `revision`.
    mutating func record(_ changes: NodeChange, at revision: Revision) {
        if changes.isEmpty { return }
        latest = revision
        if changes.contains(.whole) { whole = revision }
        if changes.contains(.endpoints) { endpoints = revision }
        if changes.contains(.homeDERP) { homeDERP = revision }
        if changes.contains(.online) { online = revision }
        if changes.contains(.key) { key = revision }
        if changes.contains(.disco) { disco = revision }
        if changes.contains(.expiry) { expiry = revision }
        if changes.contains(.capability) { capability = revision }
        if changes.contains(.routes) { routes = revision }
    }

    /// What happened after `revision`.
    func changes(since revision: Revision) -> NodeChange {
        guard latest > revision else { return [] }
        var changes: NodeChange = []
        if whole > revision { changes.insert(.whole) }
        if endpoints > revision { changes.insert(.endpoints) }
        if homeDERP > revision { changes.insert(.homeDERP) }
        if online > revision { changes.insert(.online) }
        if key > revision { changes.insert(.key) }
        if disco > revision { changes.insert(.disco) }
        if expiry > revision { changes.insert(.expiry) }
        if capability > revision { changes.insert(.capability) }
        if routes > revision { changes.insert(.routes) }
        return changes
    }
}
