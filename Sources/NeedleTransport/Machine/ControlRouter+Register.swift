// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleModel
internal import NeedleTypes
internal import NeedleWire

extension ControlRouter {
    /// `POST /machine/register`.
    ///
    /// What a person can do something about is said in `Error`, which clients show as it is; a status other than 200
    /// is for clients that cannot be served at all (and tailscale-rs ends on any).
    func register(_ request: InnerRequest, on exchange: InnerExchange) {
        let body: RegisterRequest
        do throws(WireError) {
            body = try RegisterRequest.decode(Array(buffer: request.body))
        } catch {
            return exchange.refuse(400, "the register request cannot be read: \(error)")
        }
        if let refusal = refusal(of: min(body.version, request.peer.version)) { return exchange.refuse(400, refusal) }
        gate.submit(RegisterNode(Registration(machineKey: request.peer.noiseKey, request: body))) { [hub] result in
            // Who is let in opens a stream next.
            if case .success(.accepted(let node, _)) = result {
                exchange.eventLoop.execute { hub.streams(on: exchange.eventLoop)?.clientCame(node.record.id) }
            }
            exchange.answer(result)
        }
    }
}

extension InnerExchange {
    fileprivate func answer(_ result: Result<Registration.Outcome, ModelError>) {
        if case .failure(let error) = result, error.code == .unavailable {
            return refuse(503, error.message)
        }
        respond(
            status: 200,
            contentType: "application/json",
            body: ByteBuffer(bytes: RegisterResponse(result).json)
        )
    }
}

extension RegisterResponse {
    /// The answer to a registration.
    ///
    /// - Source: reference 2.3; tailscale-rs takes `MachineAuthorized` for success.
    init(_ result: Result<Registration.Outcome, ModelError>) {
        self.init()
        switch result {
        case .success(.accepted(let node, let user)):
            machineAuthorized = true
            self.user = User(id: node.record.wireUser, displayName: user.map(\.shownName) ?? "Tagged Devices")
            login = Login(
                id: node.record.wireUser,
                provider: "needletail",
                loginName: user.map(\.loginName) ?? UserRecord.taggedDevicesName,
                displayName: user.map(\.shownName) ?? "Tagged Devices"
            )
        case .success(.keyExpired), .success(.loggedOut):
            nodeKeyExpired = true
        case .failure(let refusal):
            error = refusal.message
        }
    }
}
