// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Logging
internal import NeedleAdmin
internal import NeedleModel
internal import NeedlePolicy
internal import NeedleStorage
internal import NeedleTypes

/// The policy that a server starts with.
struct StartingPolicy {
    let policy: Policy
    /// Where it comes from, for the log; nil if there is none.
    let source: String?
    /// What is wrong with it that does not keep the server from starting.
    let doubts: [String]
    /// The file that it was read from, and the state that this was in.
    let file: (file: PolicyFile, stamp: FileState?)?

    /// Reads what `configuration` names, or what is stored.
    ///
    /// - Throws: ``ServerError`` with everything that is wrong, a line each, and what to do.
    init(_ configuration: Configuration, stored: StoredTailnet) throws(ServerError) {
        let owner = stored.users.first { $0.role == .owner }
        let domain = owner.flatMap { UserFacts(id: $0.id, name: $0.name, email: $0.email, role: .owner).domain }
        switch configuration.policy.mode {
        case .file where configuration.policy.path.isEmpty: self.init()
        case .file: try self.init(file: PolicyFile(path: configuration.policy.path), domain: domain)
        case .database:
            guard let text = stored.policyText, let version = stored.policyVersions.last else {
                self.init()
                return
            }
            try self.init(version, text, domain: domain, database: configuration.database.sqlite.path)
        }
    }

    private init() {
        policy = .allowAll
        source = nil
        doubts = []
        file = nil
    }

    private init(file: PolicyFile, domain: String?) throws(ServerError) {
        let stamp = file.stamp()
        let text = try file.read()
        do throws(PolicyError) {
            policy = try Policy(text: text, domain: domain)
        } catch {
            throw ServerError(
                "the policy cannot be used; correct it, or set policy.path to nothing, which lets every node reach every node:\n"
                    + error.findings.map { PolicyText.line($0, in: file.path) }.joined(separator: "\n")
            )
        }
        source = file.path
        doubts = []
        self.file = (file, stamp)
    }

    /// A stored text was good when it was set; but the owner's domain, which it may name, can be another since.
    private init(_ version: PolicyVersion, _ text: [UInt8], domain: String?, database: String) throws(ServerError) {
        let read = Self.read(text, domain: domain)
        guard let policy = read.policy else {
            throw ServerError(Self.unreadable(version, findings: read.findings, database: database))
        }
        self.policy = policy
        source = "version \(version.id)"
        doubts = read.findings.map(\.description)
        file = nil
    }

    private static func read(_ text: [UInt8], domain: String?) -> (policy: Policy?, findings: [PolicyFinding]) {
        do throws(PolicyError) {
            return (try Policy(text: text, domain: domain), [])
        } catch {
            guard domain != nil, let policy = read(text, domain: nil).policy else { return (nil, error.findings) }
            return (policy, error.findings)
        }
    }

    private static func unreadable(_ version: PolicyVersion, findings: [PolicyFinding], database: String) -> String {
        let select = "SELECT text FROM policies WHERE id = \(version.id)"
        return """
            version \(version.id) of the policy, in the database, cannot be read by this version of needletail. Write it \
            to a file with: sqlite3 '\(database)' '\(select)' >policy.hujson; correct that, and start with policy.mode: \
            file and policy.path: policy.hujson. What is wrong:

            """ + findings.map { PolicyText.line($0, in: "policy") }.joined(separator: "\n")
    }

    /// Says in the log what is in force, and which of its tests fail with the nodes that there are.
    func report(_ tailnet: Tailnet, took time: Duration, to logger: Logger) {
        guard let source else {
            logger.notice("there is no policy: every node may reach every node")
            return
        }
        logger.info(
            "a policy came into force",
            metadata: [
                "source": "\(source)",
                "rules": "\(policy.ruleCount)",
                "nodes": "\(tailnet.nodes.count)",
                "milliseconds": "\(PolicyInstaller.milliseconds(time))",
            ]
        )
        for doubt in doubts + policy.warnings.map(\.description) + PolicyChecks(tailnet.policy).run().map(\.description)
        {
            logger.warning(
                "the policy is in force, though something is wrong with it",
                metadata: ["source": "\(source)", "problem": "\(doubt)"]
            )
        }
    }
}
