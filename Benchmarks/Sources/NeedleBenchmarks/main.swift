// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Benchmark
import Foundation

BenchmarkColumn.register(Figures.column("min", { $0.percentile(0) }))
BenchmarkColumn.register(Figures.column("p50", { $0.percentile(0.5) }))
BenchmarkColumn.register(Figures.column("p99", { $0.percentile(0.99) }))
BenchmarkColumn.register(Figures.column("per second", { 1e9 / max($0.percentile(0.5), 1e-3) }, isTime: false))
BenchmarkColumn.register(Figures.column("bytes", { $0.bytes }, isTime: false))

var runner = BenchmarkRunner(
    suites: [
        .noise, .records, .wire, .fullMaps, .differences, .joining, .restoring, .storage, .policy,
    ],
    settings: parseArguments(),
    customDefaults: [Columns(["name", "min", "p50", "p99", "per second", "bytes", "iterations"])]
)
try runner.run()

// The same as JSON, for whoever compares runs.
if let path = ProcessInfo.processInfo.environment["NEEDLE_BENCH_JSON"] {
    let lines = runner.results.map { Figures($0).json }.joined(separator: ",\n")
    try "[\n\(lines)\n]\n".write(toFile: path, atomically: true, encoding: .utf8)
}
