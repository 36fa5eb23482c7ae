// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Hummingbird
internal import NeedleModel
internal import NeedleTypes

extension AdminAPI {
    func addPreAuthKeyRoutes(to routes: some RouterMethods) {
        routes.get { _, _ in
            let keys = preAuthKeys.list()
            let tailnet = gate.snapshot
            let objects = keys.map { PreAuthKeyObject($0, in: tailnet) }
            return try JSONBody.response(PreAuthKeyObject.ListEnvelope(preAuthKeys: objects))
        }
        routes.post { request, _ in
            let body = try await JSONBody.decode(CreatePreAuthKeyRequest.self, from: request)
            let created = try await preAuthKeys.create(try body.command())
            let object = PreAuthKeyObject(
                created.record,
                secretText: created.secret.secretText,
                in: gate.snapshot
            )
            return try JSONBody.response(PreAuthKeyObject.Envelope(preAuthKey: object))
        }
        routes.post("expire") { request, _ in
            let body = try await JSONBody.decode(ExpirePreAuthKeyRequest.self, from: request)
            try await preAuthKeys.expire(try Self.keyID(body.id))
            return try JSONBody.response(NoFields())
        }
        routes.delete { request, _ in
            try await preAuthKeys.delete(try Self.keyID(Self.query("id", request)))
            return try JSONBody.response(NoFields())
        }
    }

    /// An absent id is 0, which no key has.
    private static func keyID(_ text: String?) throws(ModelError) -> PreAuthKeyID {
        try IdentifierText.parse(text.flatMap { $0.isEmpty ? nil : $0 } ?? "0", of: "key")
    }
}
