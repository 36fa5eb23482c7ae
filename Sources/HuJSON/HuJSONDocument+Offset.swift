// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension HuJSONDocument {
    /// The value that begins at `offset`, if one does.
    ///
    /// - Complexity: O(log values).
    package func value(at offset: Int) -> HuJSONValue? {
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if elements[middle].start < offset { low = middle + 1 } else { high = middle }
        }
        guard low < elements.count, elements[low].start == offset else { return nil }
        return HuJSONValue(document: self, index: low)
    }
}
