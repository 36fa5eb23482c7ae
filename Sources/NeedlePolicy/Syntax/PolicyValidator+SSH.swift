// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension PolicyValidator {
    mutating func check(_ entry: PolicySyntax.SSHEntry) {
        if entry.action.isEmpty { collector.add("action must be specified", at: entry.offset) }
        if entry.users.isEmpty { collector.add("users must be specified", at: entry.offset) }
        for user in entry.users {
            if user.value.isEmpty || user.value == "*" {
                collector.add("user \"\(user.value)\" is not valid", at: user.offset)
            }
            if let name = SSHLocalpart.domain(of: user.value), let domain, name != domain {
                collector.add(Self.foreignDomain(name), at: user.offset)
            }
        }
        if let period = entry.checkPeriod, entry.action == "accept" {
            collector.add("checkPeriod is only valid with action \"check\"", at: period.offset)
        }
        for source in entry.sources { checkSSHSource(source) }
        for destination in entry.destinations { checkSSHDestination(destination) }
        checkSSHCombination(entry)
        checkPostureNames(entry.postures ?? [])
        for recorder in entry.recorders {
            if let alias = Alias(recorder.value) {
                checkName(PolicySyntax.Placed(value: alias, offset: recorder.offset))
            }
        }
    }

    private mutating func checkSSHSource(_ source: PolicySyntax.PlacedAlias) {
        switch source.value {
        case .user, .group, .tag:
            checkName(source)
        case .userDomain:
            checkDomain(source, section: "ssh")
        case .autogroup(let autogroup) where autogroup.isIdentity:
            break
        case .autogroup(.internet):
            collector.add("autogroup:internet can only be used in ACL destinations", at: source.offset)
        case .autogroup(let autogroup):
            collector.add("autogroup not supported for SSH sources: \"\(autogroup.rawValue)\"", at: source.offset)
        default:
            collector.add(
                "alias not supported for SSH source",
                at: source.offset,
                hint: "users, groups, tags, autogroup:member and autogroup:tagged are"
            )
        }
    }

    private mutating func checkSSHDestination(_ destination: PolicySyntax.PlacedAlias) {
        switch destination.value {
        case .user, .tag:
            checkName(destination)
        case .userDomain:
            checkDomain(destination, section: "ssh")
        case .host(let name):
            collector.add("invalid dst \"\(name)\"", at: destination.offset)
        case .addresses(let range):
            collector.add("invalid dst \"\(range)\"", at: destination.offset)
        case .group(let name), .ipset(let name), .service(let name):
            collector.add("invalid dst \"\(name)\"", at: destination.offset)
        case .everything:
            collector.add(
                "wildcard (*) is not supported as SSH destination; use 'autogroup:member' for user-owned devices, "
                    + "'autogroup:tagged' for tagged devices, or specific tags/users",
                at: destination.offset
            )
        case .autogroup(.internet):
            collector.add("autogroup:internet can only be used in ACL destinations", at: destination.offset)
        case .autogroup(let autogroup) where autogroup.isIdentity || autogroup == .selfDevices:
            break
        case .autogroup(let autogroup):
            collector.add(
                "autogroup not supported for SSH destinations: \"\(autogroup.rawValue)\"",
                at: destination.offset
            )
        }
    }

    /// People's own devices are for themselves: tags cannot log in to them, and others only through tags.
    private mutating func checkSSHCombination(_ entry: PolicySyntax.SSHEntry) {
        var hasTagged = false
        var hasMany = false
        var users: Set<String> = []
        for source in entry.sources {
            switch source.value {
            case .tag, .autogroup(.tagged): hasTagged = true
            case .user(let name): users.insert(name)
            default: hasMany = true
            }
        }
        for destination in entry.destinations {
            switch destination.value {
            case .user(let name) where hasTagged:
                collector.add(
                    "tags in SSH source cannot access user-owned devices (\(name)); "
                        + "use autogroup:tagged or specific tags as destinations instead",
                    at: destination.offset
                )
            case .user(let name) where hasMany || users != [name]:
                collector.add(
                    "user destination requires source to contain only that same user \"\(name)\"; "
                        + "use autogroup:self instead for same-user SSH access",
                    at: destination.offset
                )
            case .autogroup(.selfDevices) where hasTagged:
                collector.add(
                    "autogroup:self destination requires source to contain only users or groups, "
                        + "not tags or autogroup:tagged",
                    at: destination.offset
                )
            case .autogroup(.member) where hasTagged:
                collector.add(
                    "tags in SSH source cannot access autogroup:member (user-owned devices)",
                    at: destination.offset
                )
            default:
                break
            }
        }
    }

    mutating func check(_ test: PolicySyntax.SSHTest) {
        if test.source.trimmingBlanks.isEmpty {
            collector.add("test(s) failed: SSH tests entry must have a non-empty src", at: test.offset)
        }
        if test.destinations.isEmpty {
            collector.add("test(s) failed: SSH tests entry must have at least one dst", at: test.offset)
        }
        for destination in test.destinations { checkTestDestination(destination) }
    }

    private mutating func checkTestDestination(_ destination: PolicySyntax.Placed<String>) {
        let text = destination.value.trimmingBlanks
        switch Alias(text) {
        case .tag(let name) where !tags.contains(name):
            collector.add("test(s) failed: SSH tests dst contains unknown tag \"\(name)\"", at: destination.offset)
        case .addresses(let range) where !range.isSingle:
            collector.add(
                "test(s) failed: SSH tests dst contains disallowed element \"\(text)\"",
                at: destination.offset
            )
        case .host(let name) where syntax.hosts[name].map { !$0.isSingle } ?? false:
            collector.add(
                "test(s) failed: SSH tests dst contains disallowed element \"\(text)\"",
                at: destination.offset
            )
        case .autogroup(.internet), .everything, nil:
            collector.add(
                "test(s) failed: SSH tests dst contains disallowed element \"\(text)\"",
                at: destination.offset
            )
        default:
            break
        }
    }
}
