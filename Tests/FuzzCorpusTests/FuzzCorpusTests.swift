// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import Testing

/// Nothing that comes from outside may trap, nor be understood in two ways.
@Suite struct FuzzCorpusTests {
    /// All that the fuzzer knows.
    static let parsers = ParserUnderTest.all + ParserUnderTest.transport
    private static let mutationsPerSeed = 60

    @Test("every input of the corpus is read or refused", arguments: parsers)
    func corpus(of parser: ParserUnderTest) throws {
        let inputs = try Corpus(of: parser).inputs
        #expect((5...Corpus.inputsMax).contains(inputs.count))
        for input in inputs {
            #expect(input.bytes.count <= Corpus.inputBytesMax, "\(input.name)")
            #expect(throws: Never.self, "\(input.name)") { try parser.check(input.bytes) }
        }
    }

    @Test("a damaged input is read or refused", arguments: parsers, UInt64(1)...5)
    func mutations(of parser: ParserUnderTest, seed: UInt64) throws {
        var mutator = Mutator(seed: seed, corpus: try Corpus(of: parser))
        for round in 0..<Self.mutationsPerSeed {
            let input = mutator.next()
            #expect(throws: Never.self, "round \(round): \(input)") { try parser.check(input) }
        }
    }

    @Test("every folder of the corpus belongs to a parser")
    func folders() throws {
        #expect(try Corpus.parserNames().subtracting(["README.md"]) == Set(Self.parsers.map(\.name)))
    }

    @Test("the same seed gives the same inputs, and other seeds give others")
    func seeds() throws {
        let corpus = try Corpus(of: Self.parsers[0])
        func inputs(seed: UInt64) -> [[UInt8]] {
            var mutator = Mutator(seed: seed, corpus: corpus)
            return (0..<20).map { _ in mutator.next() }
        }
        #expect(inputs(seed: 1) == inputs(seed: 1))
        #expect(inputs(seed: 1) != inputs(seed: 2))
    }

    @Test("a fault is reported with what differs")
    func fault() {
        #expect(throws: ParserFault.self) { try ParserFault.unlessEqual(1, 2, "number") }
        #expect(throws: Never.self) { try ParserFault.unlessEqual(2, 2, "number") }
        #expect(ParserFault("text").description == "text")
    }
}
