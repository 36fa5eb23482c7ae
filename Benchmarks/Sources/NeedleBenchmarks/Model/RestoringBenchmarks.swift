// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Benchmark
import NeedleModel

extension BenchmarkSuite {
    /// The model's part of a start, once storage has been read.
    static let restoring = BenchmarkSuite(name: "restore") { suite in
        suite.register(
            benchmark: Subject("10000 nodes", make: { StoredFixture(nodes: 10_000) }) { fixture in
                keep(Population.engine(restoring: fixture.stored).tailnet.nodes.count)
            }
        )
    }
}

/// What storage gave.
final class StoredFixture {
    let stored: StoredTailnet

    init(nodes: Int) { stored = Population.stored(nodes: nodes) }
}
