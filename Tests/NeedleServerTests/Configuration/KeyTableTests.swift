// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Testing

@testable import NeedleServer

@Suite struct KeyTableTests {
    static let rows = Dictionary(ConfigurationKey.all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    static let removed = ConfigurationKey.all.filter(\.isRemoved).map(\.name)

    @Test("every row has its own name, variable and sample")
    func rowsAreComplete() {
        let all = ConfigurationKey.all
        #expect(Set(all.map(\.name)).count == all.count)
        #expect(Set(all.map(\.environmentName)).count == all.count)
        #expect(all.allSatisfy { !$0.summary.isEmpty && $0.name == $0.name.lowercased() })
        #expect(Set(KeySample.all.map(\.key)) == Set(all.map(\.name)).subtracting(Self.removed))
        #expect(KeySample.all.count == all.count - Self.removed.count)
    }

    @Test("no key is also a section")
    func keysAreLeaves() {
        let names = ConfigurationKey.all.map(\.name)
        for name in names {
            #expect(!names.contains { $0.hasPrefix(name + ".") }, "\(name)")
        }
    }

    @Test("names that rows refer to exist")
    func referencesExist() {
        for key in ConfigurationKey.all {
            switch key.support {
            case .belongs(let name), .renamed(let name): #expect(Self.rows[name]?.support != nil, "\(key.name)")
            default: break
            }
        }
    }

    @Test("a key is read from the file and from the environment alike", arguments: KeySample.all)
    func sampleIsRead(_ sample: KeySample) throws {
        let key = try #require(Self.rows[sample.key])
        let companions = KeySample.companions[sample.key] ?? []
        let yaml = YAMLText.nested(companions + ["\(sample.key): \(sample.yaml)"])
        for (text, environment) in [
            (yaml, [:]), (YAMLText.nested(companions), [key.environmentName: sample.environment]),
        ] {
            var assembly = ConfigurationAssembly(
                configuration: Configuration(),
                given: try given(text, environment),
                directory: nil
            )
            assembly.assign(ConfigurationKey.all)
            assembly.derive()
            #expect(key.value(in: assembly.configuration) == sample.rendered)
            expectState(of: key, in: findings(text, environment: environment))
        }
    }

    private func given(_ yaml: String, _ environment: [String: String]) throws -> GivenValues {
        var file = FileKeys(keys: ConfigurationKey.all)
        file.read(try YAMLReader.read(yaml))
        #expect(file.findings == [])
        var given = file.given
        var variables = EnvironmentKeys()
        variables.read(environment, keys: ConfigurationKey.all, into: &given)
        #expect(variables.findings == [])
        return given
    }

    private func expectState(of key: ConfigurationKey, in findings: [ConfigurationFinding]) {
        let own = findings.filter { $0.key == key.name }
        switch key.support {
        case .obeyed, .moot, .belongs:
            #expect(own == [])
        case .notYet(let instead):
            #expect(own.map(\.severity) == [.warning])
            #expect(own.map(\.advice) == [instead])
        case .refused(let advice):
            #expect(own.map(\.severity) == [.error])
            #expect(own.map(\.advice) == [advice])
        case .renamed(let name):
            #expect(own.map(\.severity) == [.warning])
            #expect(own.first?.advice.contains(name) == true)
        case .removed:
            Issue.record("a removed key has no sample")
        }
    }

    @Test("a key set to its default says nothing", arguments: KeySample.all)
    func defaultIsSilent(_ sample: KeySample) throws {
        let key = try #require(Self.rows[sample.key])
        guard !key.setting.isSecret, !key.setting.isStructured,
            !["ephemeral_node_inactivity_timeout"].contains(key.name)
        else { return }
        let value = key.value(in: Configuration())
        #expect(findings(nil, environment: [key.environmentName: value]) == [])
    }

    @Test("a value of the wrong kind is refused with key, line and advice", arguments: KeySample.all)
    func wrongKindIsRefused(_ sample: KeySample) {
        let yaml = "# a comment\n" + YAMLText.nested(["\(sample.key): [[nested]]"])
        let own = refused(yaml).filter { $0.key == sample.key && $0.severity == .error }
        let depth = sample.key.count { $0 == "." }
        #expect(own.map(\.origin) == [.file(line: 2 + depth)])
        #expect(own.allSatisfy { !$0.problem.isEmpty && !$0.advice.isEmpty })
    }

    @Test("a removed key is refused, from the file and from the environment", arguments: Self.removed)
    func removedIsRefused(_ name: String) throws {
        let key = try #require(Self.rows[name])
        guard case .removed(let advice) = key.support else { return }
        let inFile = refused(YAMLText.nested(["\(name): true"]))
        #expect(inFile.map(\.key) == [name])
        #expect(inFile.map(\.advice) == [advice])
        let inEnvironment = refused(nil, environment: [key.environmentName: "true"])
        #expect(inEnvironment.map(\.origin) == [.environment(key.environmentName)])
    }

    @Test("a removed key that names another names one that exists")
    func replacementsExist() {
        for key in ConfigurationKey.all {
            guard case .removed(let advice) = key.support, advice.hasPrefix("use ") else { continue }
            for name in advice.dropFirst(4).split(separator: " ") where name != "and" {
                #expect(Self.rows[String(name)]?.isRemoved == false, "\(key.name): \(name)")
            }
        }
    }
}
