// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Finds the name that a misspelt one was probably meant to be.
enum NearestName {
    /// Names longer than this are not compared.
    static let maximumLength = 128

    /// The candidate with the fewest letters to change, unless even that is too many for a slip.
    ///
    /// One letter in three may differ. The last part of a dotted name also counts alone, since keys are often right in
    /// themselves and in the wrong section.
    static func nearest(to name: String, among candidates: [String]) -> String? {
        guard name.utf8.count <= maximumLength else { return nil }
        let scored = candidates.map { (name: $0, distance: distance(Array(name.utf8), Array($0.utf8))) }
        if let best = scored.min(by: { $0.distance < $1.distance }), best.distance <= max(1, name.utf8.count / 3) {
            return best.name
        }
        let last = lastPart(name)
        let moved = candidates.filter { lastPart($0) == last }
        return moved.count == 1 ? moved.first : nil
    }

    private static func lastPart(_ name: String) -> Substring {
        name.split(separator: ".").last ?? ""
    }

    /// How many letters must be put in, taken out or replaced (Levenshtein), two exchanged neighbours counting once.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, a) in left.enumerated() {
            var current = [row + 1]
            for (column, b) in right.enumerated() {
                var best = min(last[column + 1] + 1, current[column] + 1, last[column] + (a == b ? 0 : 1))
                if row > 0, column > 0, a == right[column - 1], left[row - 1] == b {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
