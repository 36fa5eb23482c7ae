// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel
package import NeedleTypes
internal import NeedleWire
internal import Synchronization

/// A ``TailnetGate`` without a queue or storage: each command is a batch of its own, done before `submit` returns.
///
/// Its clock stands still until it is told otherwise, and its randomness comes from a seed.
package final class InlineGate: TailnetGate {
    private struct State {
        var engine: TailnetEngine
        var now: Timestamp
        var random: SeededRandom
        var refusal: ModelError?
        var policyTexts: [PolicyVersionID: [UInt8]] = [:]
    }

    private let state: Mutex<State>

    /// A gate to an empty tailnet.
    package init(
        settings: TailnetSettings = InlineGate.settings(),
        now: Timestamp = Timestamp(seconds: 1_780_000_000),
        seed: UInt64 = 1
    ) {
        let engine = TailnetEngine(
            id: TailnetID(1),
            settings: settings,
            stored: StoredTailnet(),
            now: now,
            random: SeededRandom(seed: seed)
        )
        state = Mutex(State(engine: engine, now: now, random: SeededRandom(seed: seed)))
    }

    /// Settings with both default prefixes, or with none, so that nodes get no addresses.
    package static func settings(withAddresses: Bool = true) -> TailnetSettings {
        TailnetSettings(
            prefixV4: withAddresses ? IPPrefix(text: "100.64.0.0/10") : nil,
            prefixV6: withAddresses ? IPPrefix(text: "fd7a:115c:a1e0::/48") : nil,
            baseDomain: "example.com",
            domain: "example.com",
            derpMap: DERPMap()
        )
    }

    package var snapshot: Tailnet { state.withLock { $0.engine.tailnet } }

    /// The text of a version of the policy that was set through this gate.
    package func policyText(_ version: PolicyVersionID) -> [UInt8]? { state.withLock { $0.policyTexts[version] } }

    /// The time of the next command.
    package var now: Timestamp { state.withLock { $0.now } }

    /// Moves the clock.
    package func advance(by duration: Duration) {
        state.withLock { $0.now = $0.now + duration }
    }

    /// From now on refuses every command with `error`; nil ends that.
    package func refuseEverything(with error: ModelError?) {
        state.withLock { $0.refusal = error }
    }

    package func submit<C: Command>(
        _ command: C,
        completion: @escaping @Sendable (Result<C.Reply, ModelError>) -> Void
    ) {
        submitInPlace(command, completion: completion)
    }

    /// As ``submit(_:completion:)``; says that `completion` does not outlive the call.
    func submitInPlace<C: Command>(_ command: C, completion: (Result<C.Reply, ModelError>) -> Void) {
        let result: Result<C.Reply, ModelError> = state.withLock { state in
            if let refusal = state.refusal { return .failure(refusal) }
            // Each batch has randomness of its own, as secrets must not repeat.
            let random = SeededRandom(seed: state.random.next())
            var transaction = state.engine.begin(now: state.now, random: random)
            let result = transaction.run(command)
            for policy in transaction.seal().policies { state.policyTexts[policy.version.id] = policy.text }
            state.engine.accept(transaction)
            return result
        }
        completion(result)
    }
}
