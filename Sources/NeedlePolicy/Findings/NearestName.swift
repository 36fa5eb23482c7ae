// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Finds the name that was probably meant.
enum NearestName {
    /// Candidates are not looked at beyond this; a hint is not worth more time.
    static let candidatesMax = 2_000
    static let lengthMax = 64

    /// The candidate that differs least from `name`, if it differs by no more than a third.
    static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        guard name.utf8.count <= lengthMax else { return nil }
        let wanted = Array(name.lowercased().utf8)
        var best: (name: String, distance: Int)?
        for candidate in candidates.prefix(candidatesMax) where candidate.utf8.count <= lengthMax {
            let distance = distance(wanted, Array(candidate.lowercased().utf8))
            if distance <= max(1, wanted.count / 3), distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.name
    }

    /// How many bytes have to be put in, taken out or changed.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (line, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in right.indices {
                let change = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
