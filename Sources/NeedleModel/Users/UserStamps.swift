// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// When each aligned run of users last changed, in pages of 64 ids.
package struct UserStamps: Sendable {
    private var pages: [RunStamps] = []

    /// Takes note that `user` changed, came or went.
    mutating func record(_ user: UserID, at revision: Revision) {
        guard let (page, place) = UserSet.place(of: user) else { return }
        while page >= pages.count { pages.append(RunStamps()) }
        pages[page].record(place, at: revision)
    }

    /// When any user of `run` of a page last changed.
    func changed(page: Int, in run: AlignedRun) -> Revision {
        page < pages.count ? pages[page][run] : .zero
    }
}
