// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HuJSON
internal import NeedlePolicy

/// What `policy check` found.
struct PolicyReport: Encodable {
    /// One thing that is wrong.
    struct Finding: Encodable {
        let line: Int?
        let column: Int?
        let message: String
        let hint: String?

        init(_ finding: PolicyFinding) {
            line = finding.position?.line
            column = finding.position?.column
            message = finding.message
            hint = finding.hint
        }
    }

    let isGood: Bool
    let findings: [Finding]
    /// What the server takes, but does not obey.
    let warnings: [Finding]
    /// How many tests the policy has; unknown when it cannot be read.
    let tests: Int?
    let testsRun: Bool

    private enum CodingKeys: String, CodingKey {
        case isGood = "ok"
        case findings
        case warnings
        case tests
        case testsRun
    }

    /// Reads and checks `text`, and runs its tests on the nodes of `file`.
    init(of text: [UInt8], tailnet file: TailnetFile?) {
        var findings: [PolicyFinding] = []
        var warnings: [PolicyFinding] = []
        var tests: Int?
        var testsRun = false
        do throws(PolicyError) {
            let policy = try Policy(text: text, domain: file?.tailnet.domain)
            tests = policy.testCount
            warnings = policy.warnings
            if let file {
                testsRun = true
                findings = PolicyChecks(PolicyGraph(policy: policy, tailnet: file.tailnet, nodes: file.nodes)).run()
            }
        } catch {
            findings = error.findings
        }
        isGood = findings.isEmpty
        self.findings = findings.map(Finding.init)
        self.warnings = warnings.map(Finding.init)
        self.tests = tests
        self.testsRun = testsRun
    }

    /// As compilers write it, so that editors find the places.
    func text(fileName: String, _ style: TextStyle) -> String {
        let lines = (findings + warnings).map { line(of: $0, fileName, style) + "\n" }.joined()
        return lines + (isGood ? "the policy is good\(testNote)\n" : "\(summary)\n")
    }

    private func line(of finding: Finding, _ fileName: String, _ style: TextStyle) -> String {
        let place = [fileName, finding.line.map(String.init), finding.column.map(String.init)].compactMap(\.self)
        let hint = finding.hint.map { style.apply(.faint, to: " (\(TerminalText.printable($0)))") } ?? ""
        return place.joined(separator: ":") + ": " + style.apply(.bad, to: TerminalText.printable(finding.message))
            + hint
    }

    private var summary: String {
        switch findings.count {
        case 1: "the policy is refused"
        case PolicyError.findingsMax...: "the policy is refused for \(findings.count) reasons, and perhaps more"
        default: "the policy is refused for \(findings.count) reasons"
        }
    }

    private var testNote: String {
        guard let tests, tests > 0 else { return "" }
        let which = tests == 1 ? "its test" : "its \(tests) tests"
        if testsRun { return "; \(which) passed" }
        return
            "; \(which) \(tests == 1 ? "was" : "were") not run, since that takes nodes (--tailnet names some)"
    }
}
