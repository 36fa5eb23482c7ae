// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

extension ModelError {
    static func noUser(_ id: UserID) -> ModelError {
        ModelError(.notFound, "there is no user \(id); 'needletail users list' shows all users")
    }

    static func noNode(_ id: NodeID) -> ModelError {
        ModelError(.notFound, "there is no node \(id); 'needletail nodes list' shows all nodes")
    }

    static func noPreAuthKey(_ id: PreAuthKeyID) -> ModelError {
        ModelError(.notFound, "there is no auth key \(id); 'needletail preauthkeys list' shows all keys")
    }
}
