// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// A set of users, as bits in pages of 64 ids; few have ids too large for that.
struct UserSet {
    /// Ids from here on, such as that of the pseudo user of tagged nodes, are not bits.
    static let pagedIDsEnd: Int64 = 1 << 20

    /// The users of each page, lowest id in the lowest bit.
    private(set) var pages: [UInt64] = []
    /// The others.
    private(set) var others: Set<UserID> = []

    /// The page of a user, and the place there.
    static func place(of user: UserID) -> (page: Int, place: Int)? {
        guard (0..<pagedIDsEnd).contains(user.value) else { return nil }
        return (Int(user.value >> 6), Int(user.value & 63))
    }

    /// All of them, by rising id.
    var all: [UserID] {
        var users: [UserID] = []
        for (page, bits) in pages.enumerated() {
            var rest = bits
            while rest != 0 {
                users.append(UserID(Int64(page << 6 | rest.trailingZeroBitCount)))
                rest &= rest - 1
            }
        }
        return users + others.sorted()
    }

    mutating func insert(_ user: UserID) {
        guard let (page, place) = Self.place(of: user) else {
            others.insert(user)
            return
        }
        if page >= pages.count { pages += [UInt64](repeating: 0, count: page + 1 - pages.count) }
        pages[page] |= 1 << UInt64(place)
    }
}
