// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Tags as options give them: repeated, with commas, or both.
enum TagList {
    static func split(_ options: [String]) -> [String] {
        options.flatMap { $0.split(separator: ",") }.map { tag in
            String(tag.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
    }
}
