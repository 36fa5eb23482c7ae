// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Asks a client to show that it is there, to ping a peer, or to answer an HTTP request ("c2n").
///
/// URL, URLIsNoise and Types are always written, or the Rust client drops its stream.
package struct PingRequest: Hashable, Sendable {
    /// Where the client answers; unguessable, and another one each time.
    package var url = ""
    /// Whether to answer inside the Noise connection.
    package var urlIsNoise = false
    /// Whether the client logs it; absent means no.
    package var log = false
    /// Empty, `c2n`, or a list of `disco`, `TSMP`, `ICMP`, `peerapi` with commas.
    package var types = ""
    /// Whom to ping; absent for `c2n`.
    package var ip: IPAddress?
    /// An HTTP/1.1 request for `c2n`; absent otherwise.
    package var payload: [UInt8]?

    /// What is not given is left at the value that stands for "absent".
    package init(
        url: String = "",
        urlIsNoise: Bool = false,
        log: Bool = false,
        types: String = "",
        ip: IPAddress? = nil,
        payload: [UInt8]? = nil
    ) {
        self.url = url
        self.urlIsNoise = urlIsNoise
        self.log = log
        self.types = types
        self.ip = ip
        self.payload = payload
    }
}

extension PingRequest: JSONCoded {
    private enum Field: String, JSONField {
        case url = "URL"
        case urlIsNoise = "URLIsNoise"
        case log = "Log"
        case types = "Types"
        case ip = "IP"
        case payload = "Payload"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .url: url = try reader.value() ?? ""
            case .urlIsNoise: urlIsNoise = try reader.value() ?? false
            case .log: log = try reader.value() ?? false
            case .types: types = try reader.shortText()
            case .ip: ip = try reader.value()
            case .payload: payload = try reader.base64(max: WireLimits.blobBytesMax)
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("URL", url)
        writer.field("URLIsNoise", urlIsNoise)
        writer.field("Log", ifTrue: log)
        writer.field("Types", types)
        writer.field("IP", ifPresent: ip)
        writer.field("Payload", base64IfPresent: payload)
        writer.endObject()
    }
}
