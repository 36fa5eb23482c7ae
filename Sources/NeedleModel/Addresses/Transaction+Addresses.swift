// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

extension Transaction {
    /// An address of each configured family that no node has.
    mutating func allocateAddresses() throws(ModelError) -> (v4: IPAddress?, v6: IPAddress?) {
        let v4 = try tailnet.poolV4?.allocate(using: &random)
        let v6 = try tailnet.poolV6?.allocate(using: &random)
        return (v4, v6)
    }
}
