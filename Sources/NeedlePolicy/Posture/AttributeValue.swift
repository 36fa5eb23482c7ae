// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The value of a node attribute.
package enum AttributeValue: Hashable, Sendable {
    case string(String)
    case number(Double)
    case bool(Bool)
}
