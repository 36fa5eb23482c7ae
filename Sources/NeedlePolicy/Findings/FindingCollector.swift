// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON

/// Gathers what is wrong with a policy, with places as offsets until the end.
struct FindingCollector {
    /// A policy with more mistakes than this is answered with the first of them.
    static let findingsMax = 100

    private var entries: [(offset: Int, message: String, hint: String?)] = []

    var isEmpty: Bool { entries.isEmpty }

    mutating func add(_ message: String, at offset: Int, hint: String? = nil) {
        guard entries.count < Self.findingsMax else { return }
        guard !entries.contains(where: { $0.offset == offset && $0.message == message }) else { return }
        entries.append((offset, message, hint))
    }

    mutating func add(_ failure: SyntaxFailure, at offset: Int, before prefix: String = "") {
        add(prefix + failure.message, at: offset, hint: failure.hint)
    }

    /// The findings in the order of the text.
    func findings(in text: [UInt8]) -> [PolicyFinding] {
        let sorted = entries.enumerated().sorted { ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset) }
        return sorted.map { _, entry in
            PolicyFinding(entry.message, position: HuJSONPosition(offset: entry.offset, in: text), hint: entry.hint)
        }
    }
}
