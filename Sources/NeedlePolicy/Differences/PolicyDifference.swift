// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What another policy would change for the nodes that there are, in terms of who they are rather than one by one.
///
/// Made by ``PolicyGraph/difference(to:names:)``. Everything in it is text and numbers, so that a server can send it and
/// whoever asked can show it.
package struct PolicyDifference: Codable, Equatable, Sendable {
    /// Some nodes and addresses, by names that they have in common.
    package struct Party: Codable, Equatable, Sendable {
        /// A name, and how many nodes it stands for.
        package struct Name: Codable, Equatable, Sendable {
            /// Such as `tag:web`, `group:eng`, `ann@example.com` or a node's name.
            package let name: String
            package let nodes: Int
        }

        /// Together these are the party, but for `except` and `more`.
        package let names: [Name]
        /// Who of those is not in it.
        package let except: [Name]
        /// How many nodes there are in it.
        package let nodes: Int
        /// How many of these have none of the names.
        package let more: Int
        /// Addresses that are no nodes', and places such as `the internet`.
        package let places: [String]
    }

    /// Something that nodes may do to others before or after, and not in both.
    package struct Change: Codable, Equatable, Sendable {
        /// Whether it is possible with the new policy.
        package let isGained: Bool
        package let from: Party
        package let to: Party
        /// Such as `ports 22, 443`, a capability, or `log-in as root`.
        package let what: [String]
        /// Whether, between devices of one user, it is as it was, for the sake of `autogroup:self`.
        package let exceptOwnDevices: Bool
    }

    /// Something that nodes are given.
    package struct NodeChange: Codable, Equatable, Sendable {
        /// Whether it is so with the new policy.
        package let isGained: Bool
        package let nodes: Party
        package let what: [String]
    }

    /// Another router for the same route.
    package struct RouterChange: Codable, Equatable, Sendable {
        package let viewers: Party
        package let route: String
        package let old: String
        package let new: String
    }

    /// The weightiest of the changes of one kind.
    package struct Changes<Change: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
        package let changes: [Change]
        /// How many there are.
        package let total: Int

        /// As many are kept, those that concern the most nodes first.
        package static var changesMax: Int { 200 }

        package var isEmpty: Bool { total == 0 }
    }

    /// Who may send what to whom.
    package let access: Changes<Change>
    /// Who may log in to whom by Tailscale SSH.
    package let logins: Changes<Change>
    /// Who has which capabilities towards whom.
    package let capabilities: Changes<Change>
    /// Attributes that nodes are given.
    package let attributes: Changes<NodeChange>
    /// Routes that are in force.
    package let routes: Changes<NodeChange>
    /// Routes that lead through another node.
    package let routers: Changes<RouterChange>
    /// How many nodes there are.
    package let nodes: Int

    /// Whether nothing changes for anybody.
    package var isEmpty: Bool {
        access.isEmpty && logins.isEmpty && capabilities.isEmpty && attributes.isEmpty && routes.isEmpty
            && routers.isEmpty
    }
}
