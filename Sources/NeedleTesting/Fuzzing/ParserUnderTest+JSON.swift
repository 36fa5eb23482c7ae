// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension ParserUnderTest {
    /// The messages of the control protocol, and what the server stores of them.
    static let json: [Self] = [
        request("register-request", RegisterRequest.self),
        request("map-request", MapRequest.self),
        request("hostinfo", Hostinfo.self),
        request("admit-client-request", DERPAdmitClientRequest.self),
        // Absent and false are two things to the reader and one to the writer, which always says whether a node is
        // online; so only what was written once must be read to the same again.
        Self("map-response") { (input) throws(ParserFault) in
            guard let response = try? MapResponse.decode(input) else { return }
            let again = try readBack(response)
            try ParserFault.unlessEqual(try readBack(again), again, "read back")
        },
    ]

    /// A message of which every value is kept when it is stored and read back.
    private static func request<Message: JSONCoded & Equatable & Sendable>(_ name: String, _: Message.Type) -> Self {
        Self(name) { (input) throws(ParserFault) in
            guard let message = try? Message.decode(input) else { return }
            try ParserFault.unlessEqual(try readBack(message), message, "read back")
        }
    }

    /// Keeps a message as text for a moment, as a store does.
    private static func readBack<Message: JSONCoded>(_ message: Message) throws(ParserFault) -> Message {
        let stored = String(decoding: message.json, as: UTF8.self)
        do throws(WireError) {
            return try Message.decode(stored.utf8)
        } catch {
            throw ParserFault("what was written cannot be read: \(error): \(stored)")
        }
    }
}
