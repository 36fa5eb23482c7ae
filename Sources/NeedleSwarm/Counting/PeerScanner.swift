// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Finds the ids of peers in a map message's JSON, without decoding it.
///
/// It follows brackets and strings byte by byte, and looks closer only at the keys of the message, of its own node and
/// of the nodes in lists of peers. The text may be cut anywhere: a message may come as several compressed frames, and
/// the state between two of them is all that the second depends on, so that equal frames need scanning once
/// (``PeerFactCache``).
///
/// Keys that are written with escapes are not recognised; no server writes them so.
///
/// - Source: reference 3.4.
package struct PeerScanner: Hashable, Sendable {
    /// Brackets inside each other.
    static let depthMax = 60

    private enum Section: UInt8 {
        case other
        case keepAlive
        case node
        case peers
        case changed
        case removed
        case patched
        case filter
    }

    /// The port that only a plan's second policy opens.
    static let markerPort = Int64(SwarmPlan.markerPort)

    private var depth = 0
    private var section = Section.other
    /// Which open brackets are objects: bit n for depth n.
    private var objects: UInt64 = 0
    private var expectsKey = false
    private var isInString = false
    private var isEscaped = false
    private var capturesKey = false
    private var keyHash: UInt64 = 0
    /// Whether the value that comes is an id.
    private var expectsID = false
    private var number: Int64?
    private var hasReplaced = false

    /// A scanner before the first byte of a message.
    package init() {}

    /// Whether a whole message has been read.
    package var isAtEnd: Bool { depth == 0 && !isInString }

    /// Whether no string or number is cut in two here.
    var isBetweenTokens: Bool { !isInString && number == nil }

    /// Reads on, and adds what it finds to `facts`.
    ///
    /// - Throws: ``ClientError/compression(_:)`` never; ``ClientError/violation(_:)`` if brackets do not match.
    package mutating func scan(
        _ bytes: UnsafeRawBufferPointer,
        into facts: inout [PeerFact]
    ) throws(ClientError) {
        var index = 0
        while index < bytes.count {
            if isInString {
                index = scanString(bytes, from: index)
                continue
            }
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                isInString = true
                capturesKey = expectsKey && depth == keyDepth
                expectsKey = false
                keyHash = Self.hashSeed
            case UInt8(ascii: "{"), UInt8(ascii: "["): try open(byte, &facts)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): try close(&facts)
            case UInt8(ascii: ","):
                takeNumber(&facts)
                expectsKey = objects >> UInt64(depth) & 1 == 1
                if depth == 1 { section = .other }
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if expectsID || section == .filter { append(digit: byte - UInt8(ascii: "0")) }
            case UInt8(ascii: "t"):
                if section == .keepAlive, depth == 1 { facts.append(.keepAlive) }
            default: break
            }
        }
    }

    // MARK: - Strings

    private static let hashSeed: UInt64 = 0xcbf2_9ce4_8422_2325

    private static func mix(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }

    private static func hash(_ text: StaticString) -> UInt64 {
        text.withUTF8Buffer { $0.reduce(hashSeed, mix) }
    }

    private static let sections: [UInt64: Section] = [
        hash("KeepAlive"): .keepAlive,
        hash("Node"): .node,
        hash("Peers"): .peers,
        hash("PeersChanged"): .changed,
        hash("PeersRemoved"): .removed,
        hash("PeersChangedPatch"): .patched,
        hash("PacketFilter"): .filter,
        hash("PacketFilters"): .filter,
    ]
    private static let idHash = hash("ID")
    private static let nodeIDHash = hash("NodeID")

    /// The depth at which keys matter now: the message's own, or a node's.
    private var keyDepth: Int {
        switch section {
        case .node: 2
        case .peers, .changed, .patched: 3
        case .other, .keepAlive, .removed, .filter: 1
        }
    }

    private mutating func scanString(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        if isEscaped {
            isEscaped = false
            index += 1
        }
        if capturesKey {
            while index < bytes.count, bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "\\") {
                keyHash = Self.mix(keyHash, bytes[index])
                index += 1
            }
        } else {
            while index < bytes.count, bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "\\") {
                index += 1
            }
        }
        guard index < bytes.count else { return index }
        if bytes[index] == UInt8(ascii: "\\") {
            isEscaped = true
            return index + 1
        }
        isInString = false
        if capturesKey { tookKey() }
        return index + 1
    }

    private mutating func tookKey() {
        capturesKey = false
        switch section {
        case .other, .keepAlive, .removed, .filter:
            section = Self.sections[keyHash] ?? .other
            hasReplaced = false
        case .node, .peers, .changed: expectsID = keyHash == Self.idHash
        case .patched: expectsID = keyHash == Self.nodeIDHash
        }
    }

    // MARK: - Brackets

    private mutating func open(_ bracket: UInt8, _ facts: inout [PeerFact]) throws(ClientError) {
        guard depth < Self.depthMax else { throw Self.unmatched }
        depth += 1
        let isObject = bracket == UInt8(ascii: "{")
        objects = objects & ~(1 << UInt64(depth)) | (isObject ? 1 << UInt64(depth) : 0)
        expectsKey = isObject
        expectsID = section == .removed && depth == 2
        if section == .filter, depth == 2 { facts.append(.filter) }
        if section == .peers, depth == 3, !hasReplaced {
            hasReplaced = true
            facts.append(.replaceAll)
        }
    }

    private mutating func close(_ facts: inout [PeerFact]) throws(ClientError) {
        guard depth > 0 else { throw Self.unmatched }
        takeNumber(&facts)
        depth -= 1
        expectsKey = false
        expectsID = false
        if depth <= 1 { section = .other }
    }

    private static var unmatched: ClientError {
        .violation(ClientMap.Violation(description: "the message's brackets do not match"))
    }

    // MARK: - Numbers

    private mutating func append(digit: UInt8) {
        // What does not fit is no id that any server gives out; it wraps and is not found.
        number = (number ?? 0) &* 10 &+ Int64(digit)
    }

    private mutating func takeNumber(_ facts: inout [PeerFact]) {
        let isInList = section == .removed && depth == 2
        guard let id = number.take() else {
            if !isInList { expectsID = false }
            return
        }
        if !isInList { expectsID = false }
        switch section {
        case .node: facts.append(.own(id))
        case .peers, .changed: facts.append(.peer(id))
        case .removed: facts.append(.removed(id))
        case .patched: facts.append(.patched(id))
        case .filter: if id == Self.markerPort { facts.append(.marker) }
        case .other, .keepAlive: break
        }
    }
}
