// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

@Suite struct DERPDecoderTests {
    private typealias Frame = DERPFrame<[UInt8]>
    private typealias Decoder = DERPDecoder<[UInt8]>

    private static func head(_ type: DERPFrameType, _ length: UInt32) -> [UInt8] {
        var bytes = [type.rawValue]
        bytes.append(integer: length)
        return bytes
    }

    private static func allFrames(_ decoder: inout Decoder) throws -> [Frame] {
        var frames: [Frame] = []
        while let frame = try decoder.next() { frames.append(frame) }
        return frames
    }

    @Test("a frame comes out when its last byte is in, and not before")
    func byteByByte() throws {
        var decoder = Decoder(stage: .serverSteady)
        let bytes = Self.head(.ping, 8) + [1, 2, 3, 4, 5, 6, 7, 8]
        for byte in bytes.dropLast() {
            decoder.append([byte])
            #expect(try decoder.next() == nil)
        }
        decoder.append([8])
        #expect(try decoder.next() == Frame(type: .ping, payload: [1, 2, 3, 4, 5, 6, 7, 8]))
        #expect(try decoder.next() == nil)
        #expect(decoder.pendingBytes == 0)
    }

    /// What a type may be as long as, and one beyond on either side that exists.
    struct LengthCase: Sendable, CustomTestStringConvertible {
        let stage: DERPStage
        let type: DERPFrameType
        let allowed: ClosedRange<Int>
        var testDescription: String { "\(stage) \(type)" }
    }

    static let lengthCases: [LengthCase] = [
        LengthCase(stage: .serverAwaitingClientInfo, type: .clientInfo, allowed: 56...262_144),
        LengthCase(stage: .serverSteady, type: .sendPacket, allowed: 32...65_568),
        LengthCase(stage: .serverSteady, type: .notePreferred, allowed: 1...1),
        LengthCase(stage: .serverSteady, type: .ping, allowed: 8...1_000),
        LengthCase(stage: .serverSteady, type: .watchConns, allowed: 0...0),
        LengthCase(stage: .serverSteady, type: .closePeer, allowed: 32...32),
        LengthCase(stage: .serverSteady, type: .forwardPacket, allowed: 64...65_600),
        LengthCase(stage: .serverSteady, type: .pong, allowed: 0...1_048_576),
        LengthCase(stage: .serverSteady, type: DERPFrameType(rawValue: 0xee), allowed: 0...1_048_576),
        LengthCase(stage: .client, type: .recvPacket, allowed: 0...1_048_576),
        LengthCase(stage: .client, type: .health, allowed: 0...1_048_576),
    ]

    @Test("the lengths at both ends are taken, the ones beyond are refused by the head alone", arguments: lengthCases)
    func lengths(_ testCase: LengthCase) throws {
        for length in Set([testCase.allowed.lowerBound, testCase.allowed.upperBound]) {
            var decoder = Decoder(stage: testCase.stage)
            decoder.append(Self.head(testCase.type, UInt32(length)))
            let frame = try decoder.next()
            #expect(frame?.payload.count == (length == 0 && frame != nil ? 0 : nil))
        }
        let beyond = [testCase.allowed.lowerBound - 1, testCase.allowed.upperBound + 1, Int(UInt32.max)]
        for length in beyond where length >= 0 {
            var decoder = Decoder(stage: testCase.stage)
            decoder.append(Self.head(testCase.type, UInt32(length)))
            let error = DERPError.badLength(testCase.type, length: length, allowed: testCase.allowed)
            #expect(throws: error) { try decoder.next() }
            decoder.append([0])
            #expect(throws: error, "an error is final") { try decoder.next() }
            #expect(decoder.pendingBytes == 0)
        }
    }

    @Test("before the log-in nothing but a log-in may come", arguments: UInt8.min...UInt8.max)
    func onlyClientInfo(_ type: UInt8) {
        let type = DERPFrameType(rawValue: type)
        guard type != .clientInfo else { return }
        var decoder = Decoder(stage: .serverAwaitingClientInfo)
        decoder.append(Self.head(type, 0))
        #expect(throws: DERPError.unexpected(type)) { try decoder.next() }
    }

    @Test("unknown frames are thrown away as they come, and the next one is read")
    func discards() throws {
        var decoder = Decoder(stage: .serverSteady)
        decoder.append(Self.head(DERPFrameType(rawValue: 0x77), 100_000))
        for _ in 0..<100 {
            decoder.append(Array(repeating: 0x12, count: 1_000))
            #expect(try decoder.next() == nil)
            #expect(decoder.pendingBytes == 0)
        }
        decoder.append(Self.head(.notePreferred, 1) + [1])
        #expect(try decoder.next() == Frame(type: .notePreferred, payload: [1]))
    }

    @Test("a change of stage counts from the next frame on")
    func stageChange() throws {
        var decoder = Decoder(stage: .serverAwaitingClientInfo)
        let login = Frame(type: .clientInfo, payload: Array(repeating: 7, count: 56))
        var bytes: [UInt8] = []
        login.encode(into: &bytes)
        Frame(type: .notePreferred, payload: [0]).encode(into: &bytes)
        decoder.append(bytes)
        #expect(try decoder.next() == login)
        decoder.stage = .serverSteady
        #expect(try decoder.next() == Frame(type: .notePreferred, payload: [0]))
    }

    @Test("any frames in any chunks come out as they went in", arguments: UInt64(0)..<40)
    func randomChunks(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var sent: [Frame] = []
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...30, using: &random) {
            let frame = Self.randomFrame(using: &random)
            frame.encode(into: &bytes)
            if frame.type != .pong { sent.append(frame) }
        }
        var decoder = Decoder(stage: .serverSteady)
        var received: [Frame] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...max(1, min(rest.count, 700)), using: &random)
            decoder.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
            received += try Self.allFrames(&decoder)
        }
        #expect(received == sent)
        #expect(decoder.pendingBytes == 0)
    }

    @Test("mutated streams give frames or errors, never a trap, and keep little", arguments: UInt64(0)..<60)
    func mutations(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var bytes: [UInt8] = []
        for _ in 0..<10 { Self.randomFrame(using: &random).encode(into: &bytes) }
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
        }
        for stage in DERPStage.allCases {
            var decoder = Decoder(stage: stage)
            var rest = bytes[...]
            while !rest.isEmpty {
                decoder.append(Array(rest.prefix(100)))
                rest = rest.dropFirst(100)
                while let frame = try? decoder.next() {
                    _ = try? DERPClientMessage(frame)
                    _ = try? DERPServerMessage(frame)
                }
                #expect(decoder.pendingBytes <= DERPProtocol.frameBytesMax + DERPProtocol.headerBytes)
            }
        }
    }

    private static func randomFrame(using random: inout SeededRandom) -> Frame {
        func payload(_ lengths: ClosedRange<Int>) -> [UInt8] {
            (0..<Int.random(in: lengths, using: &random)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        }
        return switch Int.random(in: 0..<5, using: &random) {
        case 0: Frame(type: .ping, payload: payload(8...40))
        case 1: Frame(type: .notePreferred, payload: payload(1...1))
        case 2: Frame(type: .pong, payload: payload(0...300))
        case 3: Frame(type: .closePeer, payload: payload(32...32))
        default: Frame(type: .sendPacket, payload: payload(32...2_000))
        }
    }
}
