// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Makes a map message from pieces, so that what many clients receive is encoded, and compressed, only once.
///
/// The message is `opening`, then blocks of peers with ``separator`` between them, then `closing`. Each piece may be a
/// zstd frame of its own: clients decode frames one after another as one text (reference: protocol 4.1).
package enum MapResponseSplice {
    /// Which list the peers go into.
    package enum List: Sendable {
        /// `Peers`, which replaces all peers; with no peer at all the list must be left out instead.
        case peers
        /// `PeersChanged`.
        case peersChanged

        fileprivate var opening: StaticString {
            switch self {
            case .peers: "\"Peers\":["
            case .peersChanged: "\"PeersChanged\":["
            }
        }
    }

    /// What stands between two blocks.
    package static let separator: [UInt8] = [UInt8(ascii: ",")]

    /// The fields of `head` and the start of the list; `head` must not have that list itself.
    package static func opening(_ head: MapResponse, _ list: List) -> [UInt8] {
        var json = head.json
        json.removeLast()
        if json.count > 1 { json.append(contentsOf: separator) }
        list.opening.withUTF8Buffer { json.append(contentsOf: $0) }
        return json
    }

    /// Nodes with commas between them; there must be at least one.
    package static func block(_ nodes: some Collection<[UInt8]>) -> [UInt8] {
        Array(nodes.joined(separator: separator))
    }

    /// The end of the list, and the fields of `tail`, which must not be those of the head.
    package static func closing(_ tail: MapResponse) -> [UInt8] {
        let fields = tail.json.dropFirst()
        return [UInt8(ascii: "]")] + (fields.count > 1 ? separator : []) + fields
    }

    /// The whole message, without a list if there is no peer.
    package static func message(
        head: MapResponse,
        _ list: List,
        nodes: some Collection<[UInt8]>,
        tail: MapResponse
    ) -> [UInt8] {
        guard !nodes.isEmpty else {
            let headFields = head.json.dropLast()
            let tailFields = tail.json.dropFirst()
            return headFields + (headFields.count > 1 && tailFields.count > 1 ? separator : []) + tailFields
        }
        return opening(head, list) + block(nodes) + closing(tail)
    }
}
