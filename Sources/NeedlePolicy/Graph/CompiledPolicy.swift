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

    /// How a list of sources becomes addresses.
    struct SourceTraits: Sendable {
        /// The selectors whose nodes' addresses stand for them; others are written as they are.
        var withNodes: [SelectorID] = []
        /// Whether the subnets in force are among the sources.
        var readsSubnets = false
        /// Whether there are sources that are written as they are, so that there always are some.
        var isNeverEmpty = false
        /// Whether anybody is, whatever else is named.
        var isAnybody = false
    }

    /// What one list of sources may do at one destination, by the same protocols: a chunk of packet filters.
    struct FilterPart: Sendable {
        /// Follows from how sources and destination are spelled and from what is granted but for ports.
        var key: UInt64
        /// Changes with the ports.
        let hash: UInt64
        /// Index of the list of sources.
        let sources: Int32
        let destination: SelectorID
        let isPackets: Bool
        /// Places in ``CompiledPolicy/partEdges``; capabilities have one edge.
        let edges: Range<Int32>
    }

    var table: SelectorTable
    var edges: [Edge] = []
    /// Each list of sources once, in rising order.
    var sourceLists: [[SelectorID]] = []
    var sourceTraits: [SourceTraits] = []
    /// By selector, a hash of how it is spelled, the same for every policy that has it.
    var spellings: [UInt64] = []
    /// By destination, the edges to it.
    var edgesTo = Buckets()
    /// By list, what is in it; by source, the lists that it is in.
    var sourcesOfList = Buckets()
    var listsFrom = Buckets()
    /// By list, where its edges lead, without and with companions.
    var reachesOfList = Buckets()
    var feedsOfList = Buckets()
    /// By destination, the lists of the edges to it but for companions.
    var listsTo = Buckets()
    /// The ends of selectors with many edges.
    var wideEnds: [SelectorID: EdgeEnds] = [:]
    /// What filters are made of, the edges of that, and by destination, which parts it has.
    var parts: [FilterPart] = []
    var partEdges: [Int32] = []
    var partsTo: [Range<Int32>] = []
    /// The selectors in whose packet filters the subnets in force stand.
    var readsSubnets = DenseSet()
    /// The edges to `autogroup:self`, and the keys of their chunks.
    var selfEdges: [Int] = []
    var selfKeys: [UInt64] = []
    /// Everything that is a source of an edge to `autogroup:self`.
    var selfSources = DenseSet()
    var ssh: [SSHEntry] = []
    var nodeAttributes: [NodeAttributes] = []
    /// By target, the entries of ``nodeAttributes``.
    var attributesTo: [SelectorID: [Int]] = [:]
    /// The selectors whose nodes have no IPv4 address.
    var withoutIPv4 = DenseSet()
    var routeApprovers: [(prefix: IPPrefix, approvers: [SelectorID])] = []
    var exitNodeApprovers: [SelectorID] = []
    var disablesIPv4 = false
    var randomizesClientPort = false
}

extension CompiledPolicy {
    /// From how many edges on the ends of a selector are kept ready.
    static let wideEdgesMin = 256

    /// The selectors at the other ends of the edges of all `selectors`.
    func ends(of selectors: [SelectorID]) -> EdgeEnds {
        var result = EdgeEnds()
        for id in selectors {
            if let wide = wideEnds[id] { result.formUnion(wide) } else { addEnds(of: id, to: &result) }
        }
        return result
    }

    func addEnds(of id: SelectorID, to result: inout EdgeEnds) {
        let isNamedByNodes = !table[id].isWrittenAsIs
        for list in listsFrom[Int(id)] {
            reachesOfList.insert(Int(list), into: &result.reaches)
            if isNamedByNodes { feedsOfList.insert(Int(list), into: &result.feeds) }
        }
        for list in listsTo[Int(id)] { sourcesOfList.insert(Int(list), into: &result.reachedFrom) }
    }

    /// The indexes of the edges of `part`.
    func edges(of part: FilterPart) -> [Int] {
        partEdges[Int(part.edges.lowerBound)..<Int(part.edges.upperBound)].map(Int.init)
    }

    /// The entries of `nodeAttrs` whose targets are among `selectors`, in order.
    func attributeEntries(of selectors: [SelectorID]) -> [Int] {
        attributesTo.isEmpty ? [] : Set(selectors.flatMap { attributesTo[$0] ?? [] }).sorted()
    }
}
