// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire
import Testing

@Suite struct DERPMessageTests {
    private typealias ClientMessage = DERPClientMessage<[UInt8]>
    private typealias ServerMessage = DERPServerMessage<[UInt8]>
    private typealias Frame = DERPFrame<[UInt8]>

    private let key: NodeKey
    private let keyBytes = Array(UInt8(1)...32)

    init() throws {
        key = try #require(NodeKey(bytes: Array(UInt8(1)...32)))
    }

    private func frame(of bytes: [UInt8]) throws -> Frame {
        var decoder = DERPDecoder<[UInt8]>(stage: .client)
        decoder.append(bytes)
        let frame = try #require(try decoder.next())
        #expect(decoder.pendingBytes == 0)
        return frame
    }

    private func encoded(_ message: ServerMessage) -> [UInt8] {
        var bytes: [UInt8] = []
        message.encode(into: &bytes)
        #expect(bytes.count == message.encodedBytes)
        return bytes
    }

    @Test("server frames have the layout that the protocol asks for")
    func serverLayouts() {
        let magic: [UInt8] = [0x44, 0x45, 0x52, 0x50, 0xf0, 0x9f, 0x94, 0x91]
        let nonce = Array(repeating: UInt8(9), count: 24)
        #expect(encoded(.serverKey(key)) == [1, 0, 0, 0, 40] + magic + keyBytes)
        #expect(encoded(.serverInfo(nonce: nonce, sealed: [7, 7])) == [3, 0, 0, 0, 26] + nonce + [7, 7])
        #expect(encoded(.recvPacket(from: key, packet: [1, 2])) == [5, 0, 0, 0, 34] + keyBytes + [1, 2])
        #expect(encoded(.keepAlive) == [6, 0, 0, 0, 0])
        #expect(encoded(.peerGone(key, .disconnected)) == [8, 0, 0, 0, 33] + keyBytes + [0])
        #expect(encoded(.peerGone(key, .notHere)) == [8, 0, 0, 0, 33] + keyBytes + [1])
        #expect(encoded(.ping(1)) == [0x12, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(encoded(.pong(0x0102)) == [0x13, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 1, 2])
    }

    @Test("what a server writes, a client reads")
    func serverRoundTrip() throws {
        let messages: [ServerMessage] = [
            .serverKey(key), .serverInfo(nonce: Array(repeating: 3, count: 24), sealed: [1]),
            .recvPacket(from: key, packet: []), .keepAlive, .peerGone(key, .notHere), .ping(.max), .pong(0),
        ]
        for message in messages {
            #expect(try ServerMessage(try frame(of: encoded(message))) == message)
        }
    }

    @Test("what a client writes, a server reads")
    func clientRoundTrip() throws {
        let messages: [ClientMessage] = [
            .clientInfo(key, nonce: Array(repeating: 3, count: 24), sealed: [1, 2]),
            .sendPacket(to: key, packet: [5]), .notePreferred(true), .notePreferred(false), .ping(77), .pong(78),
            .privileged(.watchConns), .other(.health),
        ]
        for message in messages {
            var bytes: [UInt8] = []
            message.encode(into: &bytes)
            #expect(try ClientMessage(try frame(of: bytes)) == message)
        }
    }

    @Test("only the first eight bytes of a ping count")
    func longPing() throws {
        let frame = Frame(type: .ping, payload: [0, 0, 0, 0, 0, 0, 0, 5] + Array(repeating: 1, count: 900))
        #expect(try ClientMessage(frame) == .ping(5))
    }

    @Test(
        "short client payloads are errors",
        arguments: [
            (DERPFrameType.clientInfo, 55), (.clientInfo, 31), (.sendPacket, 31), (.notePreferred, 0), (.ping, 7),
            (.pong, 0),
        ]
    )
    func shortClientPayloads(type: DERPFrameType, length: Int) {
        #expect(throws: DERPError.self) {
            try ClientMessage(Frame(type: type, payload: Array(repeating: 0, count: length)))
        }
    }

    @Test(
        "short server payloads are errors",
        arguments: [
            (DERPFrameType.serverKey, 39), (.serverKey, 0), (.serverInfo, 23), (.recvPacket, 31), (.peerGone, 32),
            (.ping, 7), (.pong, 7),
        ]
    )
    func shortServerPayloads(type: DERPFrameType, length: Int) {
        #expect(throws: DERPError.self) {
            try ServerMessage(Frame(type: type, payload: Array(repeating: 0, count: length)))
        }
    }

    @Test("a client does not mistake unknown frames, and refuses another greeting")
    func clientStrictness() throws {
        #expect(try ServerMessage(Frame(type: .health, payload: [1])) == nil)
        #expect(throws: DERPError.badMagic) {
            try ServerMessage(Frame(type: .serverKey, payload: Array(repeating: 0, count: 40)))
        }
        #expect(throws: DERPError.self, "a reason that no server sends") {
            try ServerMessage(Frame(type: .peerGone, payload: keyBytes + [0xf0]))
        }
    }

    @Test("the privileged types are the three of the mesh")
    func privileged() {
        let types = (UInt8.min...UInt8.max).map(DERPFrameType.init).filter(\.isPrivileged)
        #expect(types == [.forwardPacket, .watchConns, .closePeer])
    }

    @Test("disco is told by its magic and its least length")
    func disco() {
        let disco = DERPProtocol.discoMagic + Array(repeating: 0, count: 56)
        #expect(DERPProtocol.looksLikeDisco(disco))
        #expect(!DERPProtocol.looksLikeDisco(Array(disco.dropLast())))
        #expect(!DERPProtocol.looksLikeDisco([0] + disco))
        #expect(!DERPProtocol.looksLikeDisco([UInt8]()))
    }
}
