// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedleStorage
internal import NeedleTypes

extension UserRecord: StoredRow {
    static let table = "users"
    static let columns = ["id", "name", "display_name", "email", "profile_pic_url", "role", "created_at"]

    var rowID: Int64 { id.value }

    init(from row: inout RowReader) throws(StoreError) {
        self.init(
            id: try row.id(),
            name: try row.text(),
            displayName: try row.text(),
            email: try row.text(),
            profilePicURL: try row.text(),
            role: try row.choice(),
            createdAt: try row.time()
        )
    }

    func write(to row: inout RowWriter) {
        row.id(id)
        row.text(name)
        row.text(displayName)
        row.text(email)
        row.text(profilePicURL)
        row.text(role.rawValue)
        row.time(createdAt)
    }
}
