// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A chart of a run over time, as SVG: how many clients are how far, and how much is sent.
struct RunChart {
    private static let width = 900.0
    private static let height = 420.0
    private static let left = 70.0
    private static let right = 70.0
    private static let top = 40.0
    private static let bottom = 50.0

    private let samples: [SwarmSample]
    private let secondsMax: Double
    private let clientsMax: Double
    private let rates: [Double]
    private let rateMax: Double

    init(_ samples: [SwarmSample]) {
        self.samples = samples
        secondsMax = max(samples.last?.progress.seconds ?? 1, 0.001)
        clientsMax = Double(max(samples.map(\.progress.clients).max() ?? 1, 1))
        var rates: [Double] = []
        var before = SwarmProgress()
        for sample in samples {
            let seconds = max(sample.progress.seconds - before.seconds, 0.001)
            rates.append(Double(sample.progress.wireBytes - before.wireBytes) / seconds / 1_000_000)
            before = sample.progress
        }
        self.rates = rates
        rateMax = max(rates.max() ?? 1, 0.001)
    }

    var svg: String {
        var parts = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(Self.text(Self.width)) \#(Self.text(Self.height))" "#
                + #"font-family="sans-serif" font-size="12">"#,
            #"<rect width="100%" height="100%" fill="white"/>"#,
        ]
        parts += axes
        parts += phases
        parts.append(line(rates.map { $0 / rateMax }, "gainsboro", "MB/s", 3))
        let curves: [(KeyPath<SwarmProgress, Int>, String, String)] = [
            (\.registered, "steelblue", "registered"), (\.mapped, "darkorange", "have a map"),
            (\.exact, "seagreen", "complete"),
        ]
        for (index, curve) in curves.enumerated() {
            let values = samples.map { Double($0.progress[keyPath: curve.0]) / clientsMax }
            parts.append(line(values, curve.1, curve.2, index))
        }
        return parts.joined(separator: "\n") + "\n</svg>\n"
    }

    private var axes: [String] {
        let bottom = Self.height - Self.bottom
        let right = Self.width - Self.right
        var parts = [
            #"<path d="M\#(Self.text(Self.left)) \#(Self.text(Self.top))V\#(Self.text(bottom))H\#(Self.text(right))V\#(Self.text(Self.top))" fill="none" stroke="black"/>"#
        ]
        for step in 0...4 {
            let share = Double(step) / 4
            let x = Self.left + share * (right - Self.left)
            let y = bottom - share * (bottom - Self.top)
            let seconds = ReportText.decimal(share * secondsMax, places: secondsMax < 20 ? 1 : 0)
            parts.append(Self.label(x, bottom + 18, "middle", "\(seconds) s"))
            parts.append(Self.label(Self.left - 6, y + 4, "end", ReportText.decimal(share * clientsMax, places: 0)))
            parts.append(Self.label(right + 6, y + 4, "start", ReportText.decimal(share * rateMax, places: 1)))
        }
        return parts
    }

    /// A mark where a part of the run begins.
    private var phases: [String] {
        var parts: [String] = []
        var before = "join"
        for sample in samples where sample.phase != before {
            before = sample.phase
            let x = Self.left + sample.progress.seconds / secondsMax * (Self.width - Self.left - Self.right)
            parts.append(
                #"<path d="M\#(Self.text(x)) \#(Self.text(Self.top))V\#(Self.text(Self.height - Self.bottom))" stroke="silver" stroke-dasharray="4 3"/>"#
            )
            parts.append(Self.label(x + 3, Self.top + 12, "start", before))
        }
        return parts
    }

    private func line(_ values: [Double], _ colour: String, _ name: String, _ place: Int) -> String {
        let bottom = Self.height - Self.bottom
        let points = zip(samples, values).map { sample, value in
            let x = Self.left + sample.progress.seconds / secondsMax * (Self.width - Self.left - Self.right)
            return "\(Self.text(x)),\(Self.text(bottom - value * (bottom - Self.top)))"
        }
        let x = Self.left + Double(place) * 160
        return
            #"<polyline points="\#(points.joined(separator: " "))" fill="none" stroke="\#(colour)" stroke-width="1.5"/>"#
            + "\n" + #"<rect x="\#(Self.text(x))" y="14" width="14" height="4" fill="\#(colour)"/>"#
            + "\n" + Self.label(x + 20, 20, "start", name)
    }

    private static func label(_ x: Double, _ y: Double, _ anchor: String, _ text: String) -> String {
        #"<text x="\#(self.text(x))" y="\#(self.text(y))" text-anchor="\#(anchor)">\#(text)</text>"#
    }

    private static func text(_ number: Double) -> String { ReportText.decimal(number, places: 1) }
}
