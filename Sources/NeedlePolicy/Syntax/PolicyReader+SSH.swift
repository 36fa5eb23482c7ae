// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON
import NeedleTypes

extension PolicyReader {
    mutating func readSSH(_ value: HuJSONValue) -> PolicySyntax.SSHEntry? {
        var entry = PolicySyntax.SSHEntry(offset: value.range.lowerBound)
        let keys = [
            "action", "src", "dst", "users", "checkPeriod", "acceptEnv", "recorder", "enforceRecorder", "srcPosture",
        ]
        forEachMember(of: value, known: keys, in: "an SSH rule") { reader, key, value in
            switch key {
            case "action": entry.action = reader.sshAction(value)
            case "src": entry.sources = reader.aliases(value)
            case "dst": entry.destinations = reader.aliases(value)
            case "users":
                entry.users = reader.strings(value).map {
                    PolicySyntax.Placed(value: $0.value.trimmingBlanks, offset: $0.offset)
                }
            case "checkPeriod": entry.checkPeriod = reader.checkPeriod(value)
            case "acceptEnv":
                let names = reader.strings(value)
                for name in names where name.value.isEmpty {
                    reader.collector.add("acceptEnv values cannot be empty", at: name.offset)
                }
                entry.acceptEnv = names.map(\.value)
            case "recorder": entry.recorders = reader.strings(value)
            case "enforceRecorder": entry.enforceRecorder = reader.bool(value) ?? false
            default: entry.postures = reader.strings(value)
            }
        }
        return entry
    }

    /// Reads `accept` or `check`; an empty text is left to the check of the whole rule.
    private mutating func sshAction(_ value: HuJSONValue) -> String {
        guard let action = string(value)?.trimmingBlanks else { return "accept" }
        guard action.isEmpty || action == "accept" || action == "check" else {
            collector.add(
                "\"\(action)\" is not a valid action",
                at: value.range.lowerBound,
                hint: "\"accept\" and \"check\" are"
            )
            return "accept"
        }
        return action
    }

    private mutating func checkPeriod(_ value: HuJSONValue) -> PolicySyntax.Placed<SSHCheckPeriod>? {
        guard let text = value.number ?? string(value) else { return nil }
        let offset = value.range.lowerBound
        if text == "always" { return PolicySyntax.Placed(value: .always, offset: offset) }
        do throws(SyntaxFailure) {
            let duration = try GoDuration(text)
            if duration.nanoseconds < 0 {
                throw SyntaxFailure("checkPeriod \(duration) must be a positive duration")
            }
            if duration.nanoseconds > Self.checkPeriodMax {
                throw SyntaxFailure("checkPeriod \(duration) is above the max (168h)")
            }
            return PolicySyntax.Placed(value: .after(nanoseconds: duration.nanoseconds), offset: offset)
        } catch {
            collector.add(error, at: offset)
            return nil
        }
    }

    /// 168 hours.
    private static var checkPeriodMax: Int64 { 168 * 3_600 * 1_000_000_000 }

    mutating func readTest(_ value: HuJSONValue) -> PolicySyntax.AccessTest? {
        var test = PolicySyntax.AccessTest(offset: value.range.lowerBound)
        let keys = ["src", "proto", "accept", "deny", "srcPostureAttrs", "user", "allow"]
        forEachMember(of: value, known: keys, in: "a test") { reader, key, value in
            switch key {
            case "src", "user": test.source = reader.string(value) ?? ""
            case "accept", "allow": test.accept += reader.strings(value).map(\.value)
            case "deny": test.deny = reader.strings(value).map(\.value)
            case "proto":
                let protocols = (value.number ?? value.string).flatMap { try? IPProtocol.parse($0) }
                test.protocols = protocols ?? []
                test.isProtocolValid = protocols?.allSatisfy(IPProtocol.withPorts.contains) ?? false
            default:
                reader.forEachName(of: value, in: "srcPostureAttrs") { _, name, _, value in
                    test.attributes[name] = AttributeValue(value)
                }
            }
        }
        return test
    }

    mutating func readSSHTest(_ value: HuJSONValue) -> PolicySyntax.SSHTest? {
        var test = PolicySyntax.SSHTest(offset: value.range.lowerBound)
        let keys = ["src", "dst", "accept", "deny", "check"]
        forEachMember(of: value, known: keys, in: "an SSH test") { reader, key, value in
            switch key {
            case "src": test.source = reader.string(value) ?? ""
            case "dst": test.destinations = reader.strings(value)
            case "accept": test.accept = reader.strings(value).map(\.value.trimmingBlanks)
            case "deny": test.deny = reader.strings(value).map(\.value.trimmingBlanks)
            default: test.check = reader.strings(value).map(\.value.trimmingBlanks)
            }
        }
        return test
    }
}
