// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// A policy as a graph of selectors, before any node is known.
struct CompiledPolicy: Sendable {
    /// One rule of `ssh`.
    struct SSHEntry: Sendable {
        let offset: Int
        let isCheck: Bool
        let checkPeriod: SSHCheckPeriod?
        let sources: [SelectorID]
        let destinations: [SelectorID]
        let reachesSelf: Bool
        let users: [String]
        let acceptEnv: [String]
        let recorders: [SelectorID]
        let enforceRecorder: Bool
    }

    /// One entry of `nodeAttrs`.
    struct NodeAttributes: Sendable {
        let targets: [SelectorID]
        let attributes: [(name: String, values: [RawJSON])]
        let ipPool: [IPPrefix]
    }

    /// Edges with the same sources and protocols; at a node they are one filter rule.
    struct PacketGroup: Sendable, Hashable {
        let sources: Int
        let protocols: [Int]
    }

    var table: SelectorTable
    var edges: [Edge] = []
    /// Each list of sources once, in rising order.
    var sourceLists: [[SelectorID]] = []
    /// By selector, a hash of how it is spelled, the same for every policy that has it.
    var spellings: [UInt64] = []
    /// The groups of edges that let packets through, what clients call them, and by edge, its group.
    var packetGroups: [PacketGroup] = []
    var packetGroupNames: [String] = []
    var packetGroupOfEdge: [Int32?] = []
    /// By destination, the edges to it.
    var edgesTo: [[Int]] = []
    /// By source, the destinations of its edges, and the other way round.
    var reaches: [[SelectorID]] = []
    var reachedFrom: [[SelectorID]] = []
    var selfEdges: [Int] = []
    /// Everything that is a source of an edge to `autogroup:self`.
    var selfSources: Set<SelectorID> = []
    var ssh: [SSHEntry] = []
    var nodeAttributes: [NodeAttributes] = []
    var routeApprovers: [(prefix: IPPrefix, approvers: [SelectorID])] = []
    var exitNodeApprovers: [SelectorID] = []
    var disablesIPv4 = false
    var randomizesClientPort = false
}
