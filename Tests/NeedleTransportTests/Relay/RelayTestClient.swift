// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleNoise
import NeedleTesting
import NeedleTypes
import NeedleWire

/// The client's side of the protocol: makes what a client sends and reads what it gets.
struct RelayTestClient {
    typealias Sent = DERPClientMessage<ByteBuffer>
    typealias Received = DERPServerMessage<ByteBuffer>

    let privateKey: NodePrivateKey
    let key: NodeKey
    private var decoder = DERPDecoder<ByteBuffer>(stage: .client)

    /// A client whose key follows from `number`.
    init(number: Int) throws {
        var random = SeededRandom(seed: UInt64(number) + 1_000)
        privateKey = NodePrivateKey.generate(using: &random)
        key = try privateKey.publicKey
    }

    /// The log-in; `sealedFor` is the server's key as far as this client knows.
    func login(
        sealedFor server: NodeKey,
        json: [UInt8] = DERPClientInfo(canAckPings: true).json
    ) throws -> ByteBuffer {
        let nonce = Array(repeating: UInt8(3), count: Box.nonceLength)
        let sealed = try Box.seal(json, nonce: nonce, to: server, from: privateKey)
        return Self.bytes(of: .clientInfo(key, nonce: nonce, sealed: ByteBuffer(bytes: sealed)))
    }

    static func bytes(of message: Sent) -> ByteBuffer {
        var buffer = ByteBuffer()
        message.encode(into: &buffer)
        return buffer
    }

    static func packet(_ bytes: [UInt8], to destination: NodeKey) -> ByteBuffer {
        self.bytes(of: .sendPacket(to: destination, packet: ByteBuffer(bytes: bytes)))
    }

    /// Reads frames out of what has arrived; a frame that only meshes may get is an error here.
    mutating func receive(_ buffer: ByteBuffer) throws -> [Received] {
        decoder.append(buffer)
        var messages: [Received] = []
        while let frame = try decoder.next() {
            guard let message = try Received(frame) else { throw DERPError.unexpected(frame.type) }
            messages.append(message)
        }
        return messages
    }

    /// The version in the server's sealed answer.
    func version(in message: Received, from server: NodeKey) throws -> Int? {
        guard case .serverInfo(let nonce, let sealed) = message else { return nil }
        let json = try Box.open(Array(sealed.readableBytesView), nonce: nonce, from: server, to: privateKey)
        return DERPServerInfo(json: json)?.version
    }
}
