// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK
import NeedleNoise
import NeedleTypes
import Testing

@testable import NeedleTransport

@Suite("Requests over sockets", .timeLimit(.minutes(1)))
struct RoundTripTests {
    @Test("upgrade, Noise and HTTP/2 carry a request, over TLS and without", arguments: [true, false])
    func requestRoundTrip(isSecure: Bool) async throws {
        let server = try await TestServer.start()
        let client = try await server.client(.init(isSecure: isSecure))
        let answer = try await client.request("POST", "/machine/register", body: ByteBuffer(string: "{}"))
        #expect(answer.status == 200)
        #expect(answer.text == "POST /machine/register 2 \(CapabilityVersion.current.value)")
        try await client.close()
        await server.listener.shutdown()
    }
}
