// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NIOCore
import Testing

@testable import NeedleTransport

@Suite("HTTP/2 with clients of others", .timeLimit(.minutes(1)), .enabled(if: ForeignTool.areUsable), .serialized)
struct ForeignClientTests {
    private static let curl = ["--silent", "--show-error", "--max-time", "30", "--http2-prior-knowledge"]

    @Test("curl has a request answered")
    func curlGet() async throws {
        let server = try await PlainHTTP2Server.start()
        let answer = try await ForeignTool.curl.run(Self.curl + ["\(server.url)/machine/x?a=b"])
        #expect(answer.status == 0)
        #expect(answer.output == "GET /machine/x 0 138")
        try await server.stop()
    }

    @Test("curl sends a large body and gets it back")
    func curlBody() async throws {
        let server = try await PlainHTTP2Server.start()
        let file = FileManager.default.temporaryDirectory.appending(path: "needle-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let body = Data((0..<900_000).map { UInt8(ascii: "a") + UInt8($0 % 23) })
        try body.write(to: file)
        let upload = ["--data-binary", "@\(file.path(percentEncoded: false))"]
        let answer = try await ForeignTool.curl.run(Self.curl + upload + ["\(server.url)/body"])
        #expect(answer.status == 0)
        #expect(Data(answer.output.utf8) == body)
        try await server.stop()
    }

    @Test("curl is told that a body is too large")
    func curlRefusal() async throws {
        var limits = TransportLimits()
        limits.innerBodyBytesMax = 10
        let server = try await PlainHTTP2Server.start(limits: limits)
        let upload = ["--data-binary", "more than ten bytes", "--write-out", " %{http_code}"]
        let answer = try await ForeignTool.curl.run(Self.curl + upload + ["\(server.url)/x"])
        #expect(answer.output == "the request's body may have 10 bytes at most\n 413")
        try await server.stop()
    }

    @Test("nghttp reads answers with windows of its own, padding, and several streams", arguments: ["10", "14", "30"])
    func nghttp(windowBits: String) async throws {
        let server = try await PlainHTTP2Server.start(router: LongAnswers())
        let options = [
            "--null-out", "--stat", "--timeout=30", "--window-bits=\(windowBits)", "--multiply=5", "--padding=9",
        ]
        let answer = try await ForeignTool.nghttp.run(options + ["\(server.url)/x"])
        #expect(answer.status == 0)
        #expect(answer.output.split(separator: "\n").filter { $0.contains(" 200 ") && $0.contains("292K") }.count == 5)
        #expect(!answer.output.contains("ERROR") && !answer.output.contains("error"), "\(answer.output)")
        try await server.stop()
    }

    @Test("nghttp may ask for any size of the header table, and sends trailers", arguments: ["0", "100", "65536"])
    func nghttpTable(size: String) async throws {
        let server = try await PlainHTTP2Server.start()
        let options = ["--timeout=30", "--header-table-size=\(size)", "--trailer=x-sum: 1", "--multiply=3", "--no-dep"]
        let data = ["--data=/etc/os-release", "\(server.url)/body"]
        let answer = try await ForeignTool.nghttp.run(options + data)
        #expect(answer.status == 0)
        #expect(answer.output.contains("NAME="))
        #expect(server.counters[.innerConnectionErrors] == 0)
        try await server.stop()
    }

    @Test("h2load has every one of many requests answered")
    func h2load() async throws {
        let server = try await PlainHTTP2Server.start(router: LongAnswers())
        let options = ["-n", "300", "-c", "5", "-m", "20", "-t", "1", "-T", "30s", "-N", "30s"]
        let answer = try await ForeignTool.h2load.run(options + ["\(server.url)/x"])
        #expect(answer.status == 0)
        #expect(answer.output.contains("300 succeeded, 0 failed, 0 errored, 0 timeout"), "\(answer.output)")
        try await server.stop()
    }
}

/// Answers with 300,000 bytes.
private struct LongAnswers: InnerRouter {
    func handle(_ request: InnerRequest, on exchange: InnerExchange) {
        exchange.respond(status: 200, body: ByteBuffer(repeating: 7, count: 300_000))
    }
}
