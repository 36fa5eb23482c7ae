// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Hummingbird
internal import NeedleModel
internal import NeedleTypes

extension AdminAPI {
    func addUserRoutes(to routes: some RouterMethods) {
        routes.get { request, _ in
            let id = try Self.query("id", request).map { text throws(ModelError) in
                try IdentifierText.parse(text, of: "user", as: UserID.self)
            }
            let filter = UsersService.Filter(
                id: id?.value == 0 ? nil : id,
                name: Self.query("name", request),
                email: Self.query("email", request)
            )
            let showsRole = Self.wantsAllFields(request)
            return try JSONBody.response(
                UserObject.ListEnvelope(users: users.list(filter).map { UserObject($0, showsRole: showsRole) })
            )
        }
        routes.post { request, _ in
            let body = try await JSONBody.decode(CreateUserRequest.self, from: request)
            return try answer(try await users.create(try body.command()), to: request)
        }
        routes.delete(":id") { _, context in
            try await users.destroy(try Self.userID(context))
            return try JSONBody.response(NoFields())
        }
        routes.post(":id/rename/:name") { request, context in
            let name = try Self.parameter("name", context)
            return try answer(try await users.rename(try Self.userID(context), to: name), to: request)
        }
        routes.post(":id/role") { request, context in
            let body = try await JSONBody.decode(SetUserRoleRequest.self, from: request)
            let role = try UserRole(named: body.role ?? "")
            return try answer(try await users.setRole(of: try Self.userID(context), to: role), to: request)
        }
    }

    private func answer(_ user: UserRecord, to request: Request) throws -> Response {
        try JSONBody.response(
            UserObject.Envelope(user: UserObject(user, showsRole: Self.wantsAllFields(request)))
        )
    }

    private static func userID(_ context: some RequestContext) throws -> UserID {
        try IdentifierText.parse(try parameter("id", context), of: "user")
    }
}
