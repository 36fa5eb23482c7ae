// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension ParserUnderTest {
    /// STUN: a request as it reaches the server.
    static let stunRequest = Self("stun-request") { (input) throws(ParserFault) in
        guard let request = STUNBindingRequest(datagram: input) else { return }
        try ParserFault.unlessEqual(STUNBindingRequest(datagram: request.datagram), request, "read back")
    }

    /// The answer, as a client reads it.
    static let stunResponse = Self("stun-response") { (input) throws(ParserFault) in
        guard let response = STUNBindingResponse(datagram: input) else { return }
        try ParserFault.unlessEqual(STUNBindingResponse(datagram: response.datagram), response, "read back")
    }

    /// A map stream, whole and in pieces.
    static let mapFrames = Self("map-frames") { (input) throws(ParserFault) in
        try ParserFault.unlessEqual(MapStreamReading([input]), MapStreamReading(input.growingPieces), "in one piece")
    }
}

/// What a map stream was cut into.
private struct MapStreamReading: Equatable {
    /// Smaller than any corpus file, so that refusals are reached.
    static let payloadMax = 2048

    private(set) var messages: [[UInt8]] = []
    private(set) var isRefused = false

    init(_ pieces: [[UInt8]]) {
        var decoder = MapFrameDecoder(payloadMax: Self.payloadMax)
        do throws(WireError) {
            for piece in pieces {
                decoder.append(piece)
                while let message = try decoder.next() { messages.append(message) }
            }
        } catch {
            isRefused = true
        }
    }
}
