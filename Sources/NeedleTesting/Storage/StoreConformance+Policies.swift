// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedleStorage
internal import NeedleTypes

extension StoreConformance {
    static let policies = [
        StoreCheck("every kept version of the policy can be read, and the newest comes with the tailnet") { store in
            let first = batch(policies: [StoreSamples.policy(1, text: "{}"), StoreSamples.policy(2, text: "{ }")])
            let second = batch(policies: [StoreSamples.policy(5, text: "// five")])
            try await store.commit([first])
            try await store.expect(fold([first]))
            try await store.commit([second])
            try await store.expect(fold([first, second]))
            try await store.expectPolicy(1, Array("{}".utf8))
            try await store.expectPolicy(2, Array("{ }".utf8))
            try await store.expectPolicy(5, Array("// five".utf8))
            try await store.expectPolicy(3, nil)
            try await store.expectPolicy(1, nil, in: TailnetID(2))
        },
        StoreCheck("texts of policies survive byte for byte") { store in
            try await store.commit([batch(policies: StoreSamples.extremePolicies)])
            for policy in StoreSamples.extremePolicies {
                try await store.expectPolicy(policy.version.id.value, policy.text)
            }
        },
        StoreCheck("a version that is deleted is gone, and its number is not given out again") { store in
            let versions = batch(policies: (1...3).map { StoreSamples.policy($0, text: "// \($0)") })
            var old = batch(policies: [StoreSamples.policy(4, text: "// 4")])
            old.deletedPolicies = [PolicyVersionID(1), PolicyVersionID(9)]
            try await store.commit([versions])
            try await store.commit([old])
            try await store.expect(fold([versions, old]))
            try await store.expectPolicy(1, nil)
            try await store.expectPolicy(2, Array("// 2".utf8))
            var all = StoreBatch(tailnet: tailnet)
            all.deletedPolicies = (2...4).map { PolicyVersionID($0) }
            try await store.commit([all])
            let stored = try await store.load(tailnet)
            guard stored.policyVersions.isEmpty, stored.policyText == nil, stored.lastPolicyVersionID.value == 9 else {
                throw StoreMismatch("expected no versions and the last id 9; found \(stored)")
            }
        },
        StoreCheck("the newest version that is left counts when a newer one is deleted") { store in
            var deletion = StoreBatch(tailnet: tailnet)
            deletion.deletedPolicies = [PolicyVersionID(2)]
            let versions = batch(policies: [StoreSamples.policy(1, text: "{}"), StoreSamples.policy(2)])
            try await store.commit([versions, deletion])
            try await store.expectPolicy(1, Array("{}".utf8))
            try await store.expectPolicy(2, nil)
        },
        StoreCheck("a version is kept together with what comes with it, or not at all") { store in
            let policy = batch(nodes: [StoreSamples.node(1, user: 77)], policies: [StoreSamples.policy(1)])
            try await store.expectRefusal(.inconsistent, of: [policy])
            try await store.expect(StoredTailnet())
            try await store.expectPolicy(1, nil)
        },
    ]
}
