// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleNoise
import NeedleTypes
import NeedleWire

extension ParserUnderTest {
    /// The relay's stream at each stage, and the texts of the log-in.
    static let derp: [Self] = [
        stream("derp-login", .serverAwaitingClientInfo),
        stream("derp-server", .serverSteady),
        stream("derp-client", .client),
        Self("derp-info") { (input) throws(ParserFault) in
            if let info = DERPServerInfo(json: input) {
                try ParserFault.unlessEqual(DERPServerInfo(json: info.json), info, "server info")
            }
            guard var info = DERPClientInfo(json: input) else { return }
            info.version = info.version ?? 0
            try ParserFault.unlessEqual(DERPClientInfo(json: info.json), info, "client info")
        },
    ]

    private static func stream(_ name: String, _ stage: DERPStage) -> Self {
        Self(name) { (input) throws(ParserFault) in
            let reading = DERPReading([input], stage: stage)
            try ParserFault.unlessEqual(reading, DERPReading(input.growingPieces, stage: stage), "in one piece")
            for frame in reading.frames {
                if stage == .client {
                    try checkServerMessage(frame)
                } else {
                    try checkClientMessage(frame)
                }
            }
        }
    }

    private static func checkClientMessage(_ frame: DERPFrame<[UInt8]>) throws(ParserFault) {
        guard let message = try? DERPClientMessage(frame) else { return }
        var bytes: [UInt8] = []
        message.encode(into: &bytes)
        guard let again = DERPReading([bytes], stage: .client).frames.first else {
            throw ParserFault("\(message) was written as no frame")
        }
        try ParserFault.unlessEqual(try? DERPClientMessage(again), message, "read back")
        guard case .clientInfo(let key, let nonce, let sealed) = message, let server = DERPReading.serverKey,
            let json = try? Box.open(sealed, nonce: nonce, from: key, to: server)
        else { return }
        _ = DERPClientInfo(json: json)
    }

    private static func checkServerMessage(_ frame: DERPFrame<[UInt8]>) throws(ParserFault) {
        guard let message = try? DERPServerMessage(frame) else { return }
        var bytes: [UInt8] = []
        message.encode(into: &bytes)
        try ParserFault.unlessEqual(bytes.count, message.encodedBytes, "length")
        guard let again = DERPReading([bytes], stage: .client).frames.first else {
            throw ParserFault("\(message) was written as no frame")
        }
        try ParserFault.unlessEqual(try? DERPServerMessage(again), message, "read back")
    }
}

/// What a relay's stream was cut into.
private struct DERPReading: Equatable {
    /// A key for tests, to which the log-ins in the corpus are sealed.
    static let serverKey = NodePrivateKey(bytes: Array(1...32))

    private(set) var frames: [DERPFrame<[UInt8]>] = []
    private(set) var refusal: DERPError?

    /// Goes on to the next stage after the log-in, as a server does.
    init(_ pieces: [[UInt8]], stage: DERPStage) {
        var decoder = DERPDecoder<[UInt8]>(stage: stage)
        do throws(DERPError) {
            for piece in pieces {
                decoder.append(piece)
                while let frame = try decoder.next() {
                    frames.append(frame)
                    if decoder.stage == .serverAwaitingClientInfo { decoder.stage = .serverSteady }
                }
            }
        } catch {
            refusal = error
        }
    }
}
