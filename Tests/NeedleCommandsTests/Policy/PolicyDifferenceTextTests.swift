// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedlePolicy
import Testing

@testable import NeedleCommands

@Suite struct PolicyDifferenceTextTests {
    /// The text of a difference with one change of access.
    private func text(from: String, to: String, more: String = "") throws -> String {
        let change =
            #"{"isGained": true, "from": \#(from), "to": \#(to), "what": ["port 22", "icmp"], "exceptOwnDevices": true}"#
        let none = #"{"changes": [], "total": 0}"#
        let json = """
            {"access": {"changes": [\(change)], "total": 3}, "logins": \(none), "capabilities": \(none), "attributes": \(none),
             "routes": \(none), "nodes": 9,
             "routers": {"total": 1, "changes": [{"viewers": \(to), "route": "10.0.0.0/8", "old": "r1", "new": "r2"}]}}
            """
        let difference = try JSONDecoder().decode(PolicyDifference.self, from: Data(json.utf8))
        return PolicyDifferenceText(difference: difference, style: .plain).text
    }

    private func party(
        _ names: [String: Int],
        nodes: Int,
        more: Int = 0,
        places: [String] = [],
        except: String = ""
    ) -> String {
        let names = names.sorted { $0.key < $1.key }.map { #"{"name": "\#($0.key)", "nodes": \#($0.value)}"# }
        let except = except.isEmpty ? "" : #"{"name": "\#(except)", "nodes": 1}"#
        return """
            {"names": [\(names.joined(separator: ", "))], "nodes": \(nodes), "more": \(more), "except": [\(except)],
             "places": [\(places.map { "\"\($0)\"" }.joined(separator: ", "))]}
            """
    }

    @Test("one line for each change, counts behind names")
    func lines() throws {
        let text = try text(
            from: party(["group:a": 2, "n1": 1], nodes: 3, places: ["10.1.0.0/16"]),
            to: party(["all nodes": 9], nodes: 8, except: "tag:x")
        )
        #expect(
            text == """
                packets
                  + group:a (2 nodes), n1, 10.1.0.0/16 → all nodes (9 nodes) except tag:x: port 22; icmp (not between devices of one user)
                  … and 2 more for fewer nodes
                routers
                  ~ all nodes (9 nodes) except tag:x: 10.0.0.0/8 through r2 instead of r1

                """
        )
    }

    @Test("names that do not say it all are examples")
    func examples() throws {
        let many = party(["u1": 9, "u2": 8, "u3": 7, "u4": 1], nodes: 40, more: 15)
        let text = try text(from: many, to: party([:], nodes: 40, more: 40))
        #expect(text.contains("+ 40 nodes, such as u1 (9 nodes), u2 (8 nodes), u3 (7 nodes) → 40 nodes: port 22"))
    }

    @Test("control characters of names do not reach the terminal")
    func harmless() throws {
        let text = try text(from: party(["n\\u001b[2J": 1], nodes: 1), to: party(["x": 1], nodes: 1))
        #expect(!text.contains("\u{1b}"))
    }
}
