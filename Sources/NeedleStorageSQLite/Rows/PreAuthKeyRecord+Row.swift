// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedleStorage
internal import NeedleTypes

extension PreAuthKeyRecord: StoredRow {
    static let table = "pre_auth_keys"
    static let columns = [
        "id", "prefix", "hash", "user_id", "reusable", "ephemeral", "tags", "used", "expiration", "created_at",
    ]

    var rowID: Int64 { id.value }

    init(from row: inout RowReader) throws(StoreError) {
        self.init(
            id: try row.id(),
            prefix: try row.text(),
            hash: try row.bytes(),
            user: try row.optionalID(),
            isReusable: try row.flag(),
            isEphemeral: try row.flag(),
            tags: try row.strings(),
            isUsed: try row.flag(),
            expiration: try row.optionalTime(),
            createdAt: try row.time()
        )
    }

    func write(to row: inout RowWriter) {
        row.id(id)
        row.text(prefix)
        row.bytes(hash)
        row.id(user)
        row.flag(isReusable)
        row.flag(isEphemeral)
        row.list(tags)
        row.flag(isUsed)
        row.time(expiration)
        row.time(createdAt)
    }
}
