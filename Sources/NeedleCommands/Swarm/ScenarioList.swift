// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleSwarm

/// Scenarios with commas between them.
struct ScenarioList: Equatable {
    var scenarios: [SwarmScenario] = []

    init() {}

    init(text: String) throws {
        scenarios = try text.split(separator: ",").map { name in
            guard let scenario = SwarmScenario(rawValue: String(name)) else {
                let known = SwarmScenario.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("there is no scenario '\(name)'; there are \(known)")
            }
            return scenario
        }
    }
}
