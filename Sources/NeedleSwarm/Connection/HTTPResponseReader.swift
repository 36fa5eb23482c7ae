// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// An HTTP/1.1 response with all of its body.
struct HTTPResponse: Equatable {
    var status: Int
    /// Names in lower case.
    var fields: [String: String]
    var body: [UInt8]

    /// The body for a message, cut and on one line.
    var text: String {
        let text = String(decoding: body.prefix(512), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

/// Reads the two HTTP/1.1 responses that come before Noise.
///
/// The length must be told: neither this server nor headscale sends such answers in chunks.
enum HTTPResponseReader {
    static let headBytesMax = 16_384
    static let bodyBytesMax = 65_536

    /// Takes a response off the front of `input`; nothing until all of it is there.
    static func next(_ input: inout ByteBuffer) throws(ClientError) -> HTTPResponse? {
        guard let headEnd = input.readableBytesView.firstRange(of: "\r\n\r\n".utf8) else {
            guard input.readableBytes <= headBytesMax else { throw .malformedHTTP("a head of endless length") }
            return nil
        }
        let headCount = headEnd.upperBound - input.readerIndex
        guard headCount <= headBytesMax else { throw .malformedHTTP("a head of \(headCount) bytes") }
        var response = try head(String(decoding: input.readableBytesView[..<headEnd.lowerBound], as: UTF8.self))
        let bodyCount = try bodyLength(of: response)
        guard input.readableBytes >= headCount + bodyCount else { return nil }
        input.moveReaderIndex(forwardBy: headCount)
        response.body = input.readBytes(length: bodyCount) ?? []
        return response
    }

    private static func head(_ text: String) throws(ClientError) -> HTTPResponse {
        // A line's end is one character to Swift.
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        let first = lines.first ?? ""
        let words = first.split(separator: " ", maxSplits: 2)
        guard first.hasPrefix("HTTP/1."), words.count >= 2, words[1].utf8.count == 3, let status = Int(words[1]) else {
            throw .malformedHTTP(String(first.prefix(64)).debugDescription)
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw .malformedHTTP("a header field without colon") }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields[line[..<colon].lowercased()] = String(value)
        }
        return HTTPResponse(status: status, fields: fields, body: [])
    }

    private static func bodyLength(of response: HTTPResponse) throws(ClientError) -> Int {
        if (100..<200).contains(response.status) || response.status == 204 { return 0 }
        guard let text = response.fields["content-length"], let count = Int(text), count >= 0 else {
            throw .malformedHTTP("status \(response.status) without Content-Length")
        }
        guard count <= bodyBytesMax else { throw .malformedHTTP("a body of \(count) bytes") }
        return count
    }
}
