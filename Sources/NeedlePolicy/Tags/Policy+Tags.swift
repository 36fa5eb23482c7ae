// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

extension Policy {
    /// The tags that have owners, in the order of the text.
    package var tagNames: [String] { syntax.tagOwners.map(\.name) }

    /// Whether `tag` may be used: it has an entry in `tagOwners`, or there are no tag owners at all.
    package func knows(tag: String) -> Bool {
        syntax.tagOwners.isEmpty || syntax.tagOwners.contains { $0.name == tag }
    }

    /// The tag with owners that is written most like `tag`.
    package func nearestTag(to tag: String) -> String? {
        NearestName.of(tag, among: tagNames)
    }

    /// Whether `user` may give devices the tag: named in `tagOwners` directly, by group or role, or as an owner of a tag
    /// that owns it.
    package func allows(_ user: UserFacts, toUse tag: String) -> Bool {
        var seen: Set<String> = []
        var waiting = [tag]
        while let next = waiting.popLast() {
            guard seen.insert(next).inserted else { continue }
            for owner in syntax.tagOwners.lazy.filter({ $0.name == next }).flatMap(\.values) {
                if case .tag(let name) = owner.value {
                    waiting.append(name)
                } else if names(owner.value, user) {
                    return true
                }
            }
        }
        return false
    }

    private func names(_ alias: Alias, _ user: UserFacts) -> Bool {
        switch alias {
        case .everything, .autogroup(.member), .autogroup(.dangerAll): true
        case .user(let name): user.policyNames.contains(name.lowercased())
        case .userDomain(let domain): user.emailParts?.domain.lowercased() == domain.lowercased()
        case .group(let name): compiled.table.groupMembers[name]?.contains(where: user.policyNames.contains) ?? false
        case .autogroup(let autogroup): user.role.autogroups.contains(autogroup)
        default: false
        }
    }
}
