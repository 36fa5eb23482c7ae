// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import Testing

@Suite struct TimestampTests {
    @Test(
        "reads what Go writes",
        arguments: [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("2026-11-21T07:30:00.123456789+02:00", "2026-11-21T05:30:00.123456789Z"),
            ("2024-02-29T23:59:59.5-00:30", "2024-03-01T00:29:59.5Z"),
            ("1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.25Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ]
    )
    func reads(text: String, canonical: String) {
        #expect(Timestamp(rfc3339: text)?.description == canonical)
    }

    @Test(
        "refuses what is no time",
        arguments: [
            "", "2026-11-21", "2026-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "2026-11-21T24:00:00Z",
            "2026-11-21T00:00:00", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01", "2026-11-21T00:00:00.Z", "2026-11-21T00:00:00Zx", "2026-11-21T00:00:00+2:00",
        ]
    )
    func refuses(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("writing and reading give back the same time", arguments: UInt64(1)...5)
    func roundTrip(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<1000 {
            let time = Timestamp(
                seconds: .random(in: Timestamp.zero.seconds...253_402_300_799, using: &random),
                nanoseconds: .random(in: 0..<1_000_000_000, using: &random)
            )
            #expect(Timestamp(rfc3339: time.description) == time)
        }
    }

    @Test("adds and subtracts across seconds without overflowing")
    func arithmetic() {
        let time = Timestamp(seconds: 10, nanoseconds: 600_000_000)
        #expect(time + .milliseconds(500) == Timestamp(seconds: 11, nanoseconds: 100_000_000))
        #expect(time + .milliseconds(-700) == Timestamp(seconds: 9, nanoseconds: 900_000_000))
        #expect((time + .milliseconds(500)) - time == .milliseconds(500))
        #expect(Timestamp(seconds: .max) + .seconds(5) == Timestamp(seconds: .max))
    }
}
