// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension MapResponse: JSONWritable {
    /// Writes what is there; peers come last, where they are spliced in when they were encoded before.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeState(to: &writer)
        writeNotices(to: &writer)
        writePeers(to: &writer)
        writer.endObject()
    }

    private func writeState(to writer: inout JSONWriter) {
        writer.field("MapSessionHandle", ifNotEmpty: mapSessionHandle)
        writer.field("Seq", ifNotZero: seq)
        writer.field("KeepAlive", ifTrue: keepAlive)
        writer.field("Node", ifPresent: node)
        writer.field("DERPMap", ifPresent: derpMap)
        writer.field("DNSConfig", ifPresent: dnsConfig)
        if !domain.isEmpty { writer.field("Domain", display: domain) }
        writer.field("CollectServices", ifPresent: collectServices)
        writer.field("PacketFilter", ifPresent: packetFilter)
        if !packetFilters.isEmpty {
            writer.field("PacketFilters")
            writer.beginObject()
            for chunk in packetFilters {
                writer.field(named: chunk.name)
                chunk.content.write(to: &writer)
            }
            writer.endObject()
        }
        writer.field("UserProfiles", ifNotEmpty: userProfiles)
        writer.field("SSHPolicy", ifPresent: sshPolicy)
        writer.field("TKAInfo", ifPresent: tkaInfo)
    }

    private func writeNotices(to writer: inout JSONWriter) {
        writer.field("PingRequest", ifPresent: pingRequest)
        writer.field("PopBrowserURL", ifNotEmpty: popBrowserURL)
        writer.field("Health", ifPresent: health)
        if !displayMessages.isEmpty { writer.field("DisplayMessages", displayMessages) }
        writer.field("ControlTime", ifPresent: controlTime)
        writer.field("Debug", ifPresent: debug)
        writer.field("ControlDialPlan", ifPresent: controlDialPlan)
        writer.field("ClientVersion", ifPresent: clientVersion)
    }

    private func writePeers(to writer: inout JSONWriter) {
        if let peers, !peers.isEmpty { writer.field("Peers", peers) }
        if let peersChanged, !peersChanged.isEmpty { writer.field("PeersChanged", peersChanged) }
        writer.field("PeersRemoved", ifNotEmpty: peersRemoved)
        writer.field("PeersChangedPatch", ifNotEmpty: peersChangedPatch)
        writer.field("PeerSeenChange", ifPresent: peerSeenChange)
        writer.field("OnlineChange", ifPresent: onlineChange)
    }
}
