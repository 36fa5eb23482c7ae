// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Testing

@testable import NeedleCommands

@Suite("The end of a process's input", .timeLimit(.minutes(1)))
struct InputEndTests {
    @Test("is noticed once the other side is closed, and what came before is passed over")
    func end() async throws {
        let pipe = Pipe()
        let (ends, hasEnded) = AsyncStream.makeStream(of: String.self)
        InputEnd.watch(pipe.fileHandleForReading.fileDescriptor) {
            hasEnded.yield("end")
            hasEnded.finish()
        }
        try pipe.fileHandleForWriting.write(contentsOf: Data("some words\n".utf8))
        hasEnded.yield("written")
        try pipe.fileHandleForWriting.close()
        var seen: [String] = []
        for await word in ends { seen.append(word) }
        #expect(seen == ["written", "end"])
        try pipe.fileHandleForReading.close()
    }
}
