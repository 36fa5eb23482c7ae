// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleAdmin
internal import NeedlePolicy

extension Configuration {
    /// What in the file of `policy.path` would keep a server from starting, a finding each.
    ///
    /// What depends on the database is not looked at: the domain of the owner, and a policy that is kept there.
    package func policyFindings() -> [ConfigurationFinding] {
        guard policy.mode == .file, !policy.path.isEmpty else { return [] }
        let file = PolicyFile(path: policy.path)
        let text: [UInt8]
        do throws(ServerError) {
            text = try file.read()
        } catch {
            return [finding("\(error)", "a server would not start")]
        }
        do throws(PolicyError) {
            _ = try NeedlePolicy.Policy(text: text)
            return []
        } catch {
            return error.findings.map { finding(PolicyText.line($0, in: file.path), "a server would not start") }
        }
    }

    private func finding(_ problem: String, _ advice: String) -> ConfigurationFinding {
        ConfigurationFinding(severity: .error, key: "policy.path", origin: .none, problem: problem, advice: advice)
    }
}
