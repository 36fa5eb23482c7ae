// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleNoise
internal import NeedleTypes

/// What a control connection is opened with.
struct ControlOpening: Sendable {
    var target: ControlTarget
    var machine: MachineKeyPair
    var version: CapabilityVersion
    /// Nothing to ask the server for it, on the same connection.
    var serverKey: MachineKey?
    /// 32 random bytes that no other handshake uses.
    var ephemeral: [UInt8]
    var windows = HTTP2Windows.usual
    /// Changes the initiation on its way, for tests of refusals.
    var alterInitiation: (@Sendable ([UInt8]) -> [UInt8])?
}
