// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// What a list of sources stands for at the moment; lists that are spelled differently may be equal.
struct ResolvedSources: Hashable, Sendable {
    /// Nodes whose addresses stand for them.
    var nodes = NodeSet()
    /// Ranges of addresses as the filter writes them, each once, sorted.
    var texts: [String] = []

    var isEmpty: Bool { texts.isEmpty && nodes.isEmpty }
}
