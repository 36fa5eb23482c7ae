// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The body of answers that say nothing but that it is done: `{}`.
package struct NoFields: Codable, Hashable, Sendable {
    package init() {}
}
