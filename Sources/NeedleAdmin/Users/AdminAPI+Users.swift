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
            return try JSONBody.response(UserObject.ListEnvelope(users: users.list(filter).map(UserObject.init)))
        }
        routes.post { request, _ in
            let body = try await JSONBody.decode(CreateUserRequest.self, from: request)
            let user = try await users.create(body.command)
            return try JSONBody.response(UserObject.Envelope(user: UserObject(user)))
        }
        routes.delete(":id") { _, context in
            try await users.destroy(try Self.userID(context))
            return try JSONBody.response(NoFields())
        }
        routes.post(":id/rename/:name") { _, context in
            let user = try await users.rename(try Self.userID(context), to: try Self.parameter("name", context))
            return try JSONBody.response(UserObject.Envelope(user: UserObject(user)))
        }
    }

    private static func userID(_ context: some RequestContext) throws -> UserID {
        try IdentifierText.parse(try parameter("id", context), of: "user")
    }
}
