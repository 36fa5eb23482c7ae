// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON
import NeedleTypes
import NeedleWire

/// A policy as it was written, value by value; names are not resolved yet.
struct PolicySyntax: Sendable {
    /// Something with its place in the text.
    struct Placed<Value: Sendable>: Sendable {
        let value: Value
        let offset: Int
    }

    typealias PlacedAlias = Placed<Alias>

    /// Members of groups, owners of tags and so on.
    struct Named<Value: Sendable>: Sendable {
        let name: String
        let offset: Int
        let values: [Placed<Value>]
    }

    /// A protocol with ports, of a grant's `ip`; no protocols means the usual ones.
    struct ProtocolPorts: Sendable {
        let protocols: [Int]
        let ports: [PortRange]
    }

    /// One entry of `acls`.
    struct AccessRule: Sendable {
        var offset = 0
        var protocols: [Int] = []
        var sources: [PlacedAlias] = []
        var destinations: [(alias: PlacedAlias, ports: [PortRange])] = []
        var postures: [Placed<String>]?
    }

    /// One entry of `grants`.
    struct Grant: Sendable {
        var offset = 0
        var sources: [PlacedAlias] = []
        var destinations: [PlacedAlias] = []
        var ip: [ProtocolPorts] = []
        var app: [(name: String, offset: Int, values: [RawJSON])] = []
        var via: [Placed<String>] = []
        var postures: [Placed<String>]?
    }

    /// One entry of `ssh`.
    struct SSHEntry: Sendable {
        var offset = 0
        var action = ""
        var sources: [PlacedAlias] = []
        var destinations: [PlacedAlias] = []
        var users: [Placed<String>] = []
        var checkPeriod: Placed<SSHCheckPeriod>?
        var acceptEnv: [String] = []
        var recorders: [Placed<String>] = []
        var enforceRecorder = false
        var postures: [Placed<String>]?
    }

    /// One entry of `nodeAttrs`.
    struct NodeAttributes: Sendable {
        var offset = 0
        var targets: [PlacedAlias] = []
        var attributes: [(name: String, values: [RawJSON])] = []
        var ipPool: [Placed<IPPrefix>] = []
    }

    /// One entry of `tests`.
    struct AccessTest: Sendable {
        var offset = 0
        var source = ""
        var protocols: [Int] = []
        var isProtocolValid = true
        var accept: [String] = []
        var deny: [String] = []
        var attributes: [String: AttributeValue] = [:]
    }

    /// One entry of `sshTests`.
    struct SSHTest: Sendable {
        var offset = 0
        var source = ""
        var destinations: [Placed<String>] = []
        var accept: [String] = []
        var deny: [String] = []
        var check: [String] = []
    }

    /// One operation of an entry of `ipsets`.
    struct AddressSetTerm: Sendable {
        let isRemoval: Bool
        let target: Alias
    }

    var groups: [Named<String>] = []
    var hosts: [String: AddressRange] = [:]
    var addressSets: [Named<AddressSetTerm>] = []
    var tagOwners: [Named<Alias>] = []
    var accessRules: [AccessRule]?
    var grants: [Grant]?
    var ssh: [SSHEntry] = []
    var nodeAttributes: [NodeAttributes] = []
    var routeApprovers: [(prefix: IPPrefix, approvers: [PlacedAlias])] = []
    var exitNodeApprovers: [PlacedAlias] = []
    var serviceApprovers: [Named<Alias>] = []
    var tests: [AccessTest] = []
    var sshTests: [SSHTest] = []
    var postures: [String: [PostureCondition]] = [:]
    var defaultPostures: [Placed<String>] = []
    /// Keys of the language that are read and then do nothing here.
    var unobeyed: [Placed<String>] = []
    var randomizesClientPort = false
    var disablesIPv4 = false
}
