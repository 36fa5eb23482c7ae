// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import Logging
package import NeedleModel
internal import NeedlePolicy
internal import NeedleTypes

/// Puts policies in force, or leaves the old one, and says which and why in the log.
///
/// A text is read outside the tailnet's writer, whatever its size.
package struct PolicyInstaller: Sendable {
    let gate: any TailnetGate
    let logger: Logger

    package init(gate: any TailnetGate, logger: Logger) {
        self.gate = gate
        self.logger = logger
    }

    /// Puts `text` in force; `source` says in the log where it comes from.
    ///
    /// Of two calls from one actor the first one's text is handed over first.
    ///
    /// - Returns: the new version, if versions are kept.
    /// - Throws: `invalid` with a line for each thing that is wrong, its own tests included; the old one stays.
    nonisolated(nonsending) package func install(
        _ text: [UInt8],
        origin: SetPolicy.Origin,
        source: String
    ) async throws(ModelError) -> PolicyVersion? {
        let clock = ContinuousClock()
        let start = clock.now
        do throws(ModelError) {
            let policy = try PolicyText.parse(text, in: gate.snapshot)
            let version = try await gate.submit(SetPolicy(policy, origin: origin))
            logger.info(
                "a policy came into force",
                metadata: [
                    "source": "\(source)",
                    "rules": "\(policy.ruleCount)",
                    "nodes": "\(gate.snapshot.nodes.count)",
                    "milliseconds": "\(Self.milliseconds(clock.now - start))",
                ]
            )
            for warning in policy.warnings { logger.warning("\(warning)", metadata: ["source": "\(source)"]) }
            return version
        } catch {
            report(error, source: source)
            throw error
        }
    }

    /// `time` as the log has it, in whole milliseconds.
    package static func milliseconds(_ time: Duration) -> Int64 {
        Int64((time / .milliseconds(1)).rounded())
    }

    private func report(_ error: ModelError, source: String) {
        logger.warning("a policy is refused; the one before stays in force", metadata: ["source": "\(source)"])
        for line in error.message.split(separator: "\n") {
            logger.warning("wrong in the policy", metadata: ["source": "\(source)", "problem": "\(line)"])
        }
    }
}
