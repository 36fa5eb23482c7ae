// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Tags: what a node is, in place of who owns it.
///
/// - Source: the policy language: `tag:` and a name that starts with a letter and has letters, digits and hyphens.
enum NodeTags {
    static let countMax = 64
    static let bytesMax = 128

    /// The tags without repetition and sorted, if all of them are well formed.
    static func checked(_ tags: [String]) throws(ModelError) -> [String] {
        guard tags.count <= countMax else { throw ModelError(.invalid, "a node has at most \(countMax) tags") }
        for tag in tags { try check(tag) }
        return Set(tags).sorted()
    }

    private static func check(_ tag: String) throws(ModelError) {
        guard tag.hasPrefix("tag:") else {
            throw ModelError(.invalid, "a tag starts with 'tag:'; write 'tag:\(tag.prefix(40))'")
        }
        let name = tag.utf8.dropFirst("tag:".utf8.count)
        let isWellFormed = name.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        let startsWithLetter = name.first.map { $0 | 0x20 }.map { (0x61...0x7a).contains($0) } ?? false
        guard isWellFormed, startsWithLetter, tag.utf8.count <= bytesMax else {
            throw ModelError(
                .invalid,
                "the tag '\(tag.prefix(80))' is malformed: after 'tag:' come a letter, then letters, digits and hyphens"
            )
        }
    }
}
