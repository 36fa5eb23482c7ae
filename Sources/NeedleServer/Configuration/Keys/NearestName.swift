// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

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
        let scored = candidates.map { (name: $0, distance: EditDistance.between(Array(name.utf8), Array($0.utf8))) }
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
}
