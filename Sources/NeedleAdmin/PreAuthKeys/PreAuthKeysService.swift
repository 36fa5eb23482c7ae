// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel
package import NeedleTypes

/// What administrators do with pre-auth keys.
package struct PreAuthKeysService: Sendable {
    let gate: any TailnetGate

    package init(gate: any TailnetGate) {
        self.gate = gate
    }

    /// Every key, by rising id; without the secrets, which nobody has any more.
    package func list() -> [PreAuthKeyRecord] {
        gate.snapshot.allPreAuthKeys
    }

    /// Makes a key; the reply holds its secret, this once.
    package func create(_ command: CreatePreAuthKey) async throws(ModelError) -> CreatePreAuthKey.Created {
        try await gate.submit(command)
    }

    /// Makes a key expire now; nodes that joined with it stay.
    package func expire(_ key: PreAuthKeyID) async throws(ModelError) {
        _ = try await gate.submit(ExpirePreAuthKey(key: key))
    }

    /// Deletes a key; nodes that joined with it stay.
    package func delete(_ key: PreAuthKeyID) async throws(ModelError) {
        _ = try await gate.submit(DeletePreAuthKey(key: key))
    }
}
