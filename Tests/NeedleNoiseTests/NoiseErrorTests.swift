// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Testing

@testable import NeedleNoise

@Suite struct NoiseErrorTests {
    @Test("quotes what an unauthenticated server says, so that it cannot forge lines of a log")
    func quotes() {
        let text = NoiseError.refused("no\nlevel=info all is well\u{1b}[2J").description
        #expect(!text.contains("\n"))
        #expect(!text.contains("\u{1b}"))
        #expect(text.contains("all is well"))
    }

    @Test(
        "says what to do",
        arguments: [
            NoiseError.wrongSize(.record, bytes: 5), .wrongType(.response, found: 9),
            .wrongLength(.initiation, found: 1),
            .unsendableVersion(70_000), .unusableKey, .forged(.earlyPayload), .exhausted, .broken, .malformedChallenge,
            .unavailable,
        ]
    )
    func advises(error: NoiseError) {
        let text = error.description
        #expect(["close", "use ", "check", "open a new"].contains { text.contains($0) }, "\(text)")
    }
}
