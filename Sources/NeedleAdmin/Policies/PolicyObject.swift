// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
package import NeedleTypes

/// A policy as REST v1 shows it.
///
/// - Source: headscale's `v1.GetPolicyResponse`; the version is our addition.
package struct PolicyObject: Codable, Sendable {
    /// The text as it was given.
    package let policy: String
    /// When it was set; null for a file.
    package let updatedAt: Timestamp?
    /// Which version it is, where versions are kept.
    package let version: PolicyVersionObject?

    private enum CodingKeys: String, CodingKey {
        case policy
        case updatedAt
        case version
    }

    // Written out, since a missing time is a null here, which the compiler's version would leave out.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(policy, forKey: .policy)
        try container.encode(updatedAt, forKey: .updatedAt)
        try container.encodeIfPresent(version, forKey: .version)
    }
}

extension PolicyObject {
    /// `showsVersion` adds what headscale does not have.
    init(_ current: PolicyService.Current, showsVersion: Bool, in tailnet: Tailnet) {
        self.init(
            policy: String(decoding: current.text, as: UTF8.self),
            updatedAt: current.updatedAt,
            version: showsVersion ? current.version.map { PolicyVersionObject($0, in: tailnet) } : nil
        )
    }
}
