// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Works out the addresses of `ipsets`, which may name one another but never in a circle.
struct AddressSetResolver {
    /// The addresses of a set, and whether `autogroup:internet` is among what it was made from.
    struct Resolved: Sendable {
        var addresses = AddressSet()
        var hasInternet = false
    }

    private let syntax: PolicySyntax

    init(_ syntax: PolicySyntax) {
        self.syntax = syntax
    }

    /// - Complexity: O(ranges, those of named sets counted again, × their logarithm).
    func resolve() -> [String: Resolved] {
        let sets = Dictionary(syntax.addressSets.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let references = sets.mapValues { set in
            set.values.compactMap { term in
                if case .ipset(let name) = term.value.target { name } else { nil }
            }
        }
        var resolved: [String: Resolved] = [:]
        for name in NameCycles(references).order {
            if let set = sets[name] { resolved[name] = addresses(of: set, resolved) }
        }
        return resolved
    }

    private func addresses(
        of set: PolicySyntax.Named<PolicySyntax.AddressSetTerm>,
        _ resolved: [String: Resolved]
    ) -> Resolved {
        var result = Resolved()
        for term in set.values {
            let target = target(term.value.target, resolved)
            if target.hasInternet, !term.value.isRemoval { result.hasInternet = true }
            for range in target.addresses.ranges {
                if term.value.isRemoval { result.addresses.remove(range) } else { result.addresses.insert(range) }
            }
        }
        return result
    }

    private func target(_ target: Alias, _ resolved: [String: Resolved]) -> Resolved {
        switch target {
        case .addresses(let range): Resolved(addresses: AddressSet([range]))
        case .host(let name): Resolved(addresses: AddressSet(syntax.hosts[name].map { [$0] } ?? []))
        case .ipset(let name): resolved[name] ?? Resolved()
        case .autogroup(.internet): Resolved(addresses: AddressSet(KnownRanges.internet), hasInternet: true)
        default: Resolved()
        }
    }
}
