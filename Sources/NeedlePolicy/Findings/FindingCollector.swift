// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON

/// Gathers what is wrong with a policy, with places as offsets until the end.
struct FindingCollector {
    /// A policy with more mistakes than this is answered with the first of them.
    static let findingsMax = 100

    private var entries: [(offset: Int, message: String, hint: String?)] = []

    var isEmpty: Bool { entries.isEmpty }

    /// Whether further findings are dropped, so that hints need not be worked out for them.
    var isFull: Bool { entries.count >= Self.findingsMax }

    mutating func add(_ message: String, at offset: Int, hint: String? = nil) {
        guard !isFull else { return }
        guard !entries.contains(where: { $0.offset == offset && $0.message == message }) else { return }
        entries.append((offset, message, hint))
    }

    mutating func add(_ failure: SyntaxFailure, at offset: Int, before prefix: String = "") {
        add(prefix + failure.message, at: offset, hint: failure.hint)
    }

    /// The findings in the order of the text.
    func findings(in text: [UInt8]) -> [PolicyFinding] {
        let sorted = entries.enumerated().sorted { ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset) }
        var position = HuJSONPosition(offset: 0, line: 1, column: 1)
        return sorted.map { _, entry in
            position = position.moved(to: entry.offset, in: text)
            return PolicyFinding(entry.message, position: position, hint: entry.hint)
        }
    }
}
