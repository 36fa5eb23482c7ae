// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Synchronization

/// Notes how far a run is, and tells of it.
final class SwarmLog: Sendable {
    private struct State {
        var phase = "join"
        var samples: [SwarmSample] = []
        var stride = 1
        var calls = 0
    }

    /// Samples that are kept; of longer runs, every second one goes, as often as it takes.
    static let samplesMax = 4000

    private let state = Mutex(State())

    /// What is going on now.
    var phase: String {
        get { state.withLock { $0.phase } }
        set { state.withLock { $0.phase = newValue } }
    }

    /// What was noted.
    var samples: [SwarmSample] { state.withLock { $0.samples } }

    /// Notes a moment.
    func note(_ progress: SwarmProgress) {
        state.withLock { state in
            state.calls += 1
            guard state.calls.isMultiple(of: state.stride) else { return }
            state.samples.append(SwarmSample(progress: progress, phase: state.phase))
            guard state.samples.count > Self.samplesMax else { return }
            state.samples = state.samples.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
            state.stride *= 2
        }
    }
}
