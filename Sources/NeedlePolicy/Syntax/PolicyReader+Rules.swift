// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON
import NeedleTypes
import NeedleWire

extension PolicyReader {
    mutating func readAccessRule(_ value: HuJSONValue) -> PolicySyntax.AccessRule? {
        var rule = PolicySyntax.AccessRule(offset: value.range.lowerBound)
        let keys = ["action", "src", "dst", "proto", "srcPosture", "users", "ports"]
        forEachMember(of: value, known: keys, in: "an ACL") { reader, key, value in
            switch key {
            case "action": reader.checkAction(value)
            case "src", "users": rule.sources += reader.aliases(value)
            case "dst", "ports":
                for item in reader.strings(value) {
                    if let destination = reader.destination(item.value, at: item.offset) {
                        rule.destinations.append(destination)
                    }
                }
            case "proto": rule.protocols = reader.protocols(value) ?? []
            default: rule.postures = reader.strings(value)
            }
        }
        return rule
    }

    private mutating func checkAction(_ value: HuJSONValue) {
        guard let action = string(value), action != "accept" else { return }
        collector.add(
            "action=\"\(action)\" is not supported: invalid ACL action",
            at: value.range.lowerBound,
            hint: "the only action is \"accept\"; what no rule accepts is denied"
        )
    }

    /// Splits `alias:ports` at the last colon; an IPv6 address may stand in square brackets.
    mutating func destination(
        _ text: String,
        at offset: Int
    ) -> (alias: PolicySyntax.PlacedAlias, ports: [PortRange])? {
        do throws(SyntaxFailure) {
            let (name, ports) = try Self.splitDestination(text)
            return alias(name, at: offset).map { ($0, ports) }
        } catch {
            collector.add(error, at: offset)
            return nil
        }
    }

    static func splitDestination(_ text: String) throws(SyntaxFailure) -> (name: String, ports: [PortRange]) {
        let written = text.trimmingBlanks
        var whole = written
        if whole.utf8.first == UInt8(ascii: "["), let bracket = whole.firstIndex(of: "]") {
            let host = whole[whole.index(after: whole.startIndex)..<bracket]
            guard IPAddress(text: host)?.family == .v6 else {
                throw SyntaxFailure("square brackets are only valid around IPv6 addresses: \"\(host)\"")
            }
            whole = host + String(whole[whole.index(after: bracket)...])
        }
        guard let colon = whole.utf8.lastIndex(of: UInt8(ascii: ":")) else {
            throw SyntaxFailure(
                "hostport must contain a colon: \"\(written)\"",
                hint: "add ports, such as \"\(written):22\", or \"\(written):*\" for all"
            )
        }
        let ports = String(whole[whole.index(after: colon)...])
        if colon == whole.startIndex {
            throw SyntaxFailure("input cannot start with a colon character: \"\(written)\"")
        }
        if ports.isEmpty {
            throw SyntaxFailure(
                "input cannot end with a colon character: \"\(written)\"",
                hint: "ports follow it, or * for all"
            )
        }
        do throws(SyntaxFailure) {
            return (String(whole[..<colon]), try PortList.parse(ports))
        } catch {
            throw SyntaxFailure("dst=\"\(written)\": port range \"\(ports)\": \(error.message)", hint: error.hint)
        }
    }

    mutating func protocols(_ value: HuJSONValue) -> [Int]? {
        let text = value.number ?? string(value)
        guard let text else { return nil }
        do throws(SyntaxFailure) {
            return try IPProtocol.parse(text)
        } catch {
            collector.add(error, at: value.range.lowerBound)
            return nil
        }
    }

    mutating func readGrant(_ value: HuJSONValue) -> PolicySyntax.Grant? {
        var grant = PolicySyntax.Grant(offset: value.range.lowerBound)
        let keys = ["src", "dst", "ip", "app", "via", "srcPosture"]
        forEachMember(of: value, known: keys, in: "a grant") { reader, key, value in
            switch key {
            case "src": grant.sources = reader.aliases(value)
            case "dst": grant.destinations = reader.aliases(value)
            case "ip": grant.ip = reader.list(value) { $0.protocolPorts($1) } ?? []
            case "app":
                reader.forEachName(of: value, in: "app") { reader, name, key, value in
                    grant.app.append((name, key.range.lowerBound, reader.rawValues(value)))
                }
            case "via":
                for tag in reader.strings(value) {
                    if tag.value.hasPrefix("tag:") {
                        grant.via.append(tag)
                    } else {
                        reader.collector.add("via can only be a tag", at: tag.offset)
                    }
                }
            default: grant.postures = reader.strings(value)
            }
        }
        return grant
    }

    /// Reads `*`, ports, or `protocol:ports`.
    private mutating func protocolPorts(_ value: HuJSONValue) -> PolicySyntax.ProtocolPorts? {
        guard let text = string(value)?.trimmingBlanks else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        do throws(SyntaxFailure) {
            guard parts.count <= 2 else {
                throw SyntaxFailure("expected only one colon in Internet protocol and port type, got: \"\(text)\"")
            }
            let protocols = parts.count == 2 && parts[0] != "*" ? try IPProtocol.parse(parts[0]) : []
            let ports = parts.last ?? ""
            do throws(SyntaxFailure) {
                return PolicySyntax.ProtocolPorts(protocols: protocols, ports: try PortList.parse(ports))
            } catch {
                throw SyntaxFailure("port range \"\(ports)\": \(error.message)", hint: error.hint)
            }
        } catch {
            collector.add(error, at: value.range.lowerBound)
            return nil
        }
    }

    static func checkPorts(
        _ ports: [PortRange],
        fit protocols: [Int],
        named name: String
    ) throws(SyntaxFailure) {
        guard let number = protocols.first, !IPProtocol.withPorts.contains(number),
            ports.contains(where: { $0 != .any })
        else { return }
        throw SyntaxFailure("protocol does not support specific ports: \"\(name)\", only \"*\" is allowed")
    }

    mutating func readNodeAttributes(_ value: HuJSONValue) -> PolicySyntax.NodeAttributes? {
        var entry = PolicySyntax.NodeAttributes(offset: value.range.lowerBound)
        let keys = ["target", "attr", "app", "ipPool"]
        forEachMember(of: value, known: keys, in: "an entry of nodeAttrs") { reader, key, value in
            switch key {
            case "target": entry.targets = reader.aliases(value)
            case "attr": entry.attributes += reader.strings(value).map { ($0.value, []) }
            case "app":
                reader.forEachName(of: value, in: "app") { reader, name, _, value in
                    entry.attributes.append((name, reader.rawValues(value)))
                }
            default:
                for item in reader.strings(value) {
                    if let prefix = IPPrefix(text: item.value) {
                        entry.ipPool.append(PolicySyntax.Placed(value: prefix, offset: item.offset))
                    } else {
                        reader.collector.add("invalid prefix: \"\(item.value)\"", at: item.offset)
                    }
                }
            }
        }
        return entry
    }
}
