// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Benchmark
import Foundation

/// What is said about a result: times for one operation, and operations in a second.
struct Figures {
    let result: BenchmarkResult
    private let sorted: [Double]

    init(_ result: BenchmarkResult) {
        self.result = result
        let operations = Double(result.settings[Operations.self]?.count ?? 1)
        sorted = result.measurements.map { $0 / operations }.sorted()
    }

    /// Nanoseconds that `share` of the iterations did not exceed.
    func percentile(_ share: Double) -> Double {
        sorted.isEmpty ? 0 : sorted[min(Int(share * Double(sorted.count)), sorted.count - 1)]
    }

    /// A column of the printed table.
    static func column(_ name: String, _ value: @escaping (Figures) -> Double, isTime: Bool = true) -> BenchmarkColumn {
        BenchmarkColumn(
            name: name,
            value: { value(Figures($0)) },
            formatter: { value, _ in isTime ? time(value) : String(format: "%.0f", value) }
        )
    }

    /// Nanoseconds in the unit that gives three digits.
    static func time(_ nanoseconds: Double) -> String {
        switch nanoseconds {
        case ..<1e3: String(format: "%.1f ns", nanoseconds)
        case ..<1e6: String(format: "%.2f us", nanoseconds / 1e3)
        case ..<1e9: String(format: "%.2f ms", nanoseconds / 1e6)
        default: String(format: "%.2f s", nanoseconds / 1e9)
        }
    }

    /// How many bytes an operation made, or 0 where that is not counted.
    var bytes: Double { result.counters["bytes"] ?? 0 }

    /// The result as one JSON object.
    var json: String {
        let fields: [(String, Double)] = [
            ("minNanoseconds", percentile(0)), ("p50Nanoseconds", percentile(0.5)),
            ("p99Nanoseconds", percentile(0.99)), ("maxNanoseconds", percentile(1)),
            ("iterations", Double(sorted.count)), ("bytes", bytes),
            ("operationsPerIteration", Double(result.settings[Operations.self]?.count ?? 1)),
        ]
        let name = "\(result.suiteName): \(result.benchmarkName)".replacingOccurrences(of: "\"", with: "'")
        return #"{"name":"\#(name)","# + fields.map { #""\#($0)":\#($1)"# }.joined(separator: ",") + "}"
    }
}
