// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
internal import NeedleWire

/// What the policy says to a client that is told everything; worked out once for its message and for what is remembered
/// of it.
struct ViewerPolicy {
    let view: AccessView
    let chunks: [PolicyChunk]
    let ssh: SSHPolicy?

    init(for node: NodeVersion, in tailnet: Tailnet, _ findings: inout SharedFindings) {
        view = tailnet.view(of: node)
        chunks = tailnet.filterChunks(for: node, &findings.dividedLists)
        ssh = tailnet.sshPolicy(for: node)
    }
}
