// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

/// What a client reports about itself in a register or map request; nil means not reported.
package struct NodeUpdate: Sendable {
    /// Its own description; a missing NetInfo in it leaves the old one.
    package var hostinfo: Hostinfo?
    /// Its discovery key; never zero.
    package var discoKey: DiscoKey?
    /// Where it can be reached by UDP.
    package var endpoints: [Endpoint]?
    /// What it understands.
    package var capability: CapabilityVersion?

    package init(
        hostinfo: Hostinfo? = nil,
        discoKey: DiscoKey? = nil,
        endpoints: [Endpoint]? = nil,
        capability: CapabilityVersion? = nil
    ) {
        self.hostinfo = hostinfo
        self.discoKey = discoKey.flatMap { $0.isZero ? nil : $0 }
        self.endpoints = endpoints
        self.capability = capability
    }

    /// What of `request` counts: a stream request may leave the endpoints out, and then they stay (reference 3.1).
    package init(_ request: MapRequest) {
        let endpoints = request.endpoints.filter { !$0.address.isLinkLocal || $0.address.family == .v4 }
        self.init(
            hostinfo: request.hostinfo,
            discoKey: request.discoKey,
            endpoints: request.stream && endpoints.isEmpty ? nil : endpoints,
            capability: request.version
        )
    }

    /// Whether it says anything that `record` does not hold.
    package func changes(_ record: NodeRecord) -> Bool {
        if let discoKey, discoKey != record.soft.discoKey { return true }
        if let endpoints, endpoints != record.soft.endpoints { return true }
        if let capability, capability != record.soft.capability { return true }
        guard var hostinfo else { return false }
        if hostinfo.netInfo == nil { hostinfo.netInfo = record.soft.hostinfo.netInfo }
        return hostinfo != record.soft.hostinfo
    }

    /// Writes what is new into `record`, and says what that changes for others.
    func merge(into record: inout NodeRecord, _ transaction: Transaction) -> NodeChange {
        var changes: NodeChange = []
        if let discoKey, record.soft.discoKey != discoKey {
            record.soft.discoKey = discoKey
            changes.insert(.disco)
        }
        if let endpoints, record.soft.endpoints != endpoints {
            record.soft.endpoints = endpoints
            // A patch cannot say that there are none (reference 3.5).
            changes.insert(endpoints.isEmpty ? .whole : .endpoints)
        }
        if let capability, record.soft.capability != capability {
            record.soft.capability = capability
            changes.insert(.capability)
        }
        if let hostinfo { changes.formUnion(merge(hostinfo, into: &record, transaction)) }
        return changes
    }

    private func merge(
        _ reported: Hostinfo,
        into record: inout NodeRecord,
        _ transaction: Transaction
    ) -> NodeChange {
        var hostinfo = reported
        let old = record.soft.hostinfo
        if hostinfo.netInfo == nil { hostinfo.netInfo = old.netInfo }
        guard hostinfo != old else { return [] }
        var changes: NodeChange = []
        if let region = hostinfo.netInfo?.preferredDERP, region != 0, region != record.soft.homeDERP {
            record.soft.homeDERP = region
            changes.insert(.homeDERP)
        }
        if hostinfo.peerView != old.peerView { changes.insert(.whole) }
        if hostinfo.hostname != old.hostname, !record.isRenamed {
            let name = transaction.freeName(for: hostinfo.hostname, of: record.id)
            if name != record.givenName { changes.insert(.whole) }
            record.givenName = name
        }
        record.soft.hostinfo = hostinfo
        return changes
    }
}
