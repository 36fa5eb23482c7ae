// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
package import NeedleModel
internal import NeedleTypes
internal import NeedleWire

/// Answers what clients ask inside Noise: `/machine/*`.
///
/// - Source: reference 2.1. Paths are compared exactly; authority and host are ignored.
package struct ControlRouter: InnerRouter {
    let gate: any TailnetGate
    let hub: MapStreamHub

    /// A router for one tailnet.
    package init(gate: any TailnetGate, hub: MapStreamHub) {
        self.gate = gate
        self.hub = hub
    }

    package func handle(_ request: InnerRequest, on exchange: InnerExchange) {
        switch (request.method, request.path) {
        case ("POST", "/machine/register"): register(request, on: exchange)
        case ("POST", "/machine/map"): map(request, on: exchange)
        case (_, "/machine/register"), (_, "/machine/map"):
            exchange.refuse(405, "use POST for \(request.path)")
        case (_, "/machine/update-health"):
            // Clients before 1.90 report here and do not look at the answer.
            exchange.respond(status: 204, contentType: nil, body: ByteBuffer())
        default:
            let isKnown = Self.laterPaths.contains { request.path.hasPrefix($0) }
            exchange.refuse(
                isKnown ? 501 : 404,
                isKnown ? "\(request.path) is not supported by this server yet" : "there is nothing at this path"
            )
        }
    }

    /// What clients of today may ask for and live without (reference 2.1).
    private static let laterPaths = [
        "/machine/set-dns", "/machine/id-token", "/machine/feature/query", "/machine/audit-log",
        "/machine/set-device-attr", "/machine/ssh/", "/machine/webclient/", "/machine/whoami", "/machine/tka/",
    ]

    /// A sentence for clients that are too old, or nil.
    func refusal(of version: CapabilityVersion) -> String? {
        guard version < .minimum else { return nil }
        return
            "this client speaks capability version \(version.value), this server serves \(CapabilityVersion.minimum.value) and later; update the client to Tailscale 1.80 or later"
    }
}

extension InnerExchange {
    /// Answers with a status and a sentence.
    func refuse(_ status: Int, _ sentence: String) {
        respond(status: status, contentType: "text/plain; charset=utf-8", body: ByteBuffer(string: sentence + "\n"))
    }
}
