// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Testing

/// The server as the official client from PyPI meets it; see docs/interop.md.
@Suite(.enabled(if: Interop.isPrepared, "\(Interop.whySkipped)"), .serialized, .timeLimit(.minutes(5)))
struct InteropTests {
    @Test("two nodes exchange TCP and UDP through the relay", arguments: ["http", "https"])
    func twoNodes(scheme: String) async throws {
        try await TestServer.run(scheme: scheme) { server in
            let key = try await server.makeKey("--reusable")
            let arguments = [Interop.script("two_nodes.py").path(percentEncoded: false), server.url, key]
            let script = try ChildProcess("two-nodes", Interop.python(), arguments, in: server.folder)
            let status = try await script.exitStatus(within: .seconds(180))
            #expect(status == 0, "\(script.output)\n\(script.lastErrors)")
        }
    }
}
