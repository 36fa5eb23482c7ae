// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Sent outwards before a close, so that a WebSocket can say that it was for a violation of the protocol inside.
struct TransportViolation {}
