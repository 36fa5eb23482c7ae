// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleSwarm

/// Scenarios with commas between them.
struct ScenarioList: Equatable {
    var scenarios: [SwarmScenario] = []

    /// What can be asked for; joining need not be.
    static let known = SwarmScenario.allCases.filter { $0 != .join }.map(\.rawValue).joined(separator: ", ")

    init() {}

    init(text: String) throws {
        let named = try text.split(separator: ",").map { name in
            guard let scenario = SwarmScenario(rawValue: String(name)) else {
                throw ValidationError(
                    "there is no scenario '\(name)'; there are \(Self.known), and joining, which always happens first"
                )
            }
            return scenario
        }
        scenarios = named.filter { $0 != .join }
    }
}
