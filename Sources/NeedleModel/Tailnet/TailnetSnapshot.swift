// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A tailnet at one revision, to be handed around.
///
/// The value is some sixty references; a copy of it for each message and each piece of one would be most of what a
/// message costs. Whoever keeps one keeps this.
package final class TailnetSnapshot: Sendable {
    package let tailnet: Tailnet

    package init(_ tailnet: Tailnet) {
        self.tailnet = tailnet
    }
}
