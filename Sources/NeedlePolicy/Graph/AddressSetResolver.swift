// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Works out the addresses of `ipsets`, which may name one another but never in a circle.
struct AddressSetResolver {
    private let syntax: PolicySyntax

    init(_ syntax: PolicySyntax) {
        self.syntax = syntax
    }

    func resolve() -> [String: AddressSet] {
        var resolved: [String: AddressSet] = [:]
        var waiting = syntax.addressSets
        while !waiting.isEmpty {
            var later: [PolicySyntax.Named<PolicySyntax.AddressSetTerm>] = []
            for set in waiting {
                if isReady(set, resolved) {
                    resolved[set.name] = addresses(of: set, resolved)
                } else {
                    later.append(set)
                }
            }
            guard later.count < waiting.count else { break }
            waiting = later
        }
        return resolved
    }

    private func isReady(
        _ set: PolicySyntax.Named<PolicySyntax.AddressSetTerm>,
        _ resolved: [String: AddressSet]
    ) -> Bool {
        set.values.allSatisfy { term in
            if case .ipset(let name) = term.value.target { resolved[name] != nil } else { true }
        }
    }

    private func addresses(
        of set: PolicySyntax.Named<PolicySyntax.AddressSetTerm>,
        _ resolved: [String: AddressSet]
    ) -> AddressSet {
        var result = AddressSet()
        for term in set.values {
            for range in ranges(term.value.target, resolved) {
                if term.value.isRemoval { result.remove(range) } else { result.insert(range) }
            }
        }
        return result
    }

    private func ranges(_ target: Alias, _ resolved: [String: AddressSet]) -> [AddressRange] {
        switch target {
        case .addresses(let range): [range]
        case .host(let name): syntax.hosts[name].map { [$0] } ?? []
        case .ipset(let name): resolved[name]?.ranges ?? []
        case .autogroup(.internet): KnownRanges.internet
        default: []
        }
    }
}
