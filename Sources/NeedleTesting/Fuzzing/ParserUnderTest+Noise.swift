// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleNoise
import NeedleTypes

extension ParserUnderTest {
    /// The handshake from both sides, records, and the early payload.
    static let noise: [Self] = [initiation, response, records, earlyPayload]

    private static let initiation = Self("noise-initiation") { (input) throws(ParserFault) in
        guard let server = NoiseFixture.server,
            let responder = try? NoiseResponder(initiation: input, server: server)
        else { return }
        // Whoever proves a key proves it to be theirs; no mutation of ours can sign in somebody else's name.
        try ParserFault.unlessEqual(responder.clientKey, NoiseFixture.machine?.publicKey, "client key")
        guard (try? responder.respond(ephemeral: NoiseFixture.serverEphemeral)) != nil else {
            throw ParserFault("an initiation was accepted and cannot be answered")
        }
    }

    private static let response = Self("noise-response") { (input) throws(ParserFault) in
        guard let initiator = NoiseFixture.initiator() else { throw ParserFault("the fixed handshake fails") }
        _ = try? initiator.receive(response: input)
    }

    /// Records one after the other, as the transport takes them apart.
    private static let records = Self("noise-records") { (input) throws(ParserFault) in
        guard var opener = NoiseFixture.connection?.opener else { throw ParserFault("the fixed handshake fails") }
        var rest = input[...]
        while let header = RecordHeader(bytes: rest.prefix(ControlMessageSize.header)) {
            try ParserFault.unlessEqual(header.bytes, Array(rest.prefix(ControlMessageSize.header)), "header")
            rest = rest.dropFirst(ControlMessageSize.header)
            let body = Array(rest.prefix(Int(header.length)))
            guard let text = try? opener.open(body) else {
                guard (try? opener.open(body)) == nil else { throw ParserFault("a record opened after a refusal") }
                return
            }
            try ParserFault.unlessEqual(text.count, body.count - ControlMessageSize.tag, "length")
            rest = rest.dropFirst(body.count)
        }
    }

    private static let earlyPayload = Self("early-payload") { (input) throws(ParserFault) in
        let reading = EarlyPayloadReading([input])
        try ParserFault.unlessEqual(reading, EarlyPayloadReading(input.growingPieces), "in one piece")
        guard let json = reading.json, let payload = try? EarlyPayload(json: json) else { return }
        let again = EarlyPayloadReading([payload.encode()])
        try ParserFault.unlessEqual(again.json.flatMap { try? EarlyPayload(json: $0) }, payload, "read back")
    }
}

/// What the beginning of a server's stream was cut into.
private struct EarlyPayloadReading: Equatable {
    private(set) var json: [UInt8]?
    private(set) var http2: [UInt8] = []
    private(set) var isRefused = false

    init(_ pieces: [[UInt8]]) {
        var reader = EarlyPayloadReader()
        do throws(NoiseError) {
            for piece in pieces {
                let progress = try reader.receive(piece)
                json = json ?? progress.json
                http2 += progress.http2
            }
        } catch {
            isRefused = true
        }
    }
}
