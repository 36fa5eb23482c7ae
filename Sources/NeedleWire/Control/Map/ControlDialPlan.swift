// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Ways to reach the control server if DNS is not to be trusted.
package struct ControlDialPlan: Hashable, Sendable {
    /// Raced as their delays say; when all fail, DNS is asked.
    package var candidates: [ControlIPCandidate] = []

    /// What is not given is left at the value that stands for "absent".
    package init(candidates: [ControlIPCandidate] = []) {
        self.candidates = candidates
    }
}

extension ControlDialPlan: JSONCoded {
    private enum Field: String, JSONField {
        case candidates = "Candidates"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .candidates: candidates = try reader.list(max: WireLimits.serverListMax) ?? []
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Candidates", candidates)
        writer.endObject()
    }
}
