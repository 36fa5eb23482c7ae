// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// See ``PolicyGraph/visibilityClass(of:)``.
package struct VisibilityClass: Hashable, Sendable {
    let classID: Int
    let owner: UserID?
}
