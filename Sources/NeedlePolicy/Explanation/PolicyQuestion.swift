// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What is to be explained: whether one end may reach another.
package struct PolicyQuestion: Sendable {
    /// A node, or an address that is no node's.
    package enum End: Equatable, Sendable {
        case node(NodeSlot)
        case address(IPAddress)
    }

    package let from: End
    package let to: End
    /// Absent for any.
    package let port: UInt16?
    /// The number of the IP protocol; absent for any.
    package let protocolNumber: Int?
    /// Whom to log in as by Tailscale SSH; absent when that is not the question.
    package let user: String?

    /// A question about SSH is one about TCP port 22, unless it says otherwise.
    package init(from: End, to: End, port: UInt16? = nil, protocolNumber: Int? = nil, user: String? = nil) {
        self.from = from
        self.to = to
        self.port = port ?? (user == nil ? nil : Self.sshPort)
        self.protocolNumber = protocolNumber ?? (user == nil ? nil : Self.tcp)
        self.user = user
    }

    /// The number of the protocol that `text` names, such as `tcp` or `17`; nothing if there is none.
    package static func protocolNumber(_ text: String) -> Int? {
        (try? IPProtocol.parse(text))?.first
    }

    private static let sshPort: UInt16 = 22
    private static let tcp = 6

    /// The question in words, without the ends.
    var traffic: String {
        let name = protocolNumber.map { IPProtocol.name(of: $0) }
        let port = port.map { "port \($0)" }
        return [name, port].compactMap(\.self).joined(separator: " ")
    }
}

extension PolicyGraph {
    /// What `text` names: a node by the name that `slot` knows, or an address; nothing if it is neither.
    package func end(_ text: String, slot: (String) -> NodeSlot?) -> PolicyQuestion.End? {
        slot(text).map { .node($0) } ?? IPAddress(text: text).map { end(at: $0) }
    }

    /// The node with `address`, or else the address itself.
    ///
    /// - Complexity: O(nodes).
    package func end(at address: IPAddress) -> PolicyQuestion.End {
        everyone.first { node($0)?.facts.addresses.contains(address) ?? false }.map { .node($0) } ?? .address(address)
    }
}
