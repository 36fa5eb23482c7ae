// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A number that names one thing of one kind; `Kind` keeps kinds apart.
///
/// On the wire and in the API ids are whole numbers from 1 up to 2^53 - 1.
package struct Identifier<Kind>: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number itself.
    package let value: Int64

    /// Takes any number; that it is positive is for whoever allocates.
    package init(_ value: Int64) {
        self.value = value
    }

    package var description: String { String(value) }

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Int64.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// The kinds of ``Identifier``.
package enum IdentifierKind {
    /// See ``TailnetID``.
    package enum Tailnet {}
    /// See ``UserID``.
    package enum User {}
    /// See ``NodeID``.
    package enum Node {}
    /// See ``PreAuthKeyID``.
    package enum PreAuthKey {}
    /// See ``PolicyVersionID``.
    package enum PolicyVersion {}
}

/// One of the tailnets that a server holds; 1 in the common case.
package typealias TailnetID = Identifier<IdentifierKind.Tailnet>
/// A user of one tailnet.
package typealias UserID = Identifier<IdentifierKind.User>
/// A node, for ever: ids are not given out again, and the decimal text is the node's StableID.
package typealias NodeID = Identifier<IdentifierKind.Node>
/// A pre-auth key.
package typealias PreAuthKeyID = Identifier<IdentifierKind.PreAuthKey>
/// A stored version of a tailnet's policy.
package typealias PolicyVersionID = Identifier<IdentifierKind.PolicyVersion>
