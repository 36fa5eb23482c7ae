// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes
internal import NeedleWire

extension MapDifference {
    /// The runs of profiles that are pieces of their own have at least two to the power of this; a few profiles are
    /// written as quickly as they are found.
    private static let sharedProfilesExponentMin = 2

    /// Adds the list of the profiles of all who own `nodes` or the viewer, in runs of users that others are told of too.
    func appendProfiles(ofUsersOf nodes: NodeSet, to message: inout MapMessage) {
        var users = tailnet.users(of: nodes)
        users.insert(viewer.record.wireUser)
        message.own.beginArray()
        var isFirst = true
        func append(_ user: UserID) {
            if !isFirst { message.own.raw(",") }
            isFirst = false
            tailnet.profile(of: user).write(to: &message.own)
        }
        for (page, visible) in users.pages.enumerated() where visible != 0 {
            for run in AlignedRun.cutting(visible) {
                if run.exponent >= Self.sharedProfilesExponentMin {
                    message.append(profilesPiece(page: page, run, isFirst: isFirst))
                    isFirst = false
                } else {
                    for user in run.users(ofPage: page) { append(user) }
                }
            }
        }
        for user in users.others.sorted() { append(user) }
        message.own.endArray()
    }

    private func profilesPiece(page: Int, _ run: AlignedRun, isFirst: Bool) -> MapPiece {
        let snapshot = self.snapshot
        let changed = tailnet.userChanges.changed(page: page, in: run)
        let key = MapPiece.Key.profiles(page: page, changed: changed, run: run, isFirst: isFirst)
        return .shared(key) {
            var writer = JSONWriter(reserving: 128 << run.exponent)
            for id in run.users(ofPage: page) {
                if !isFirst || !writer.bytes.isEmpty { writer.raw(",") }
                snapshot.tailnet.profile(of: id).write(to: &writer)
            }
            return writer.bytes
        }
    }
}

extension AlignedRun {
    /// The users of a page whose places are in the run.
    fileprivate func users(ofPage page: Int) -> [UserID] {
        let first = page * 64 + start
        return (first..<first + 1 << exponent).map { UserID(Int64($0)) }
    }
}
