// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a text may cost before it is refused.
package struct HuJSONLimits: Sendable {
    /// The longest text that is read.
    package var bytesMax: Int
    /// The most brackets that may be open at once.
    package var depthMax: Int

    /// 64 MiB and 256 levels; policies in the field are smaller by far.
    package init(bytesMax: Int = 64 << 20, depthMax: Int = 256) {
        self.bytesMax = min(bytesMax, Int(Int32.max))
        self.depthMax = depthMax
    }
}
