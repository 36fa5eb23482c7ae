// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import CSodium

/// libsodium, set up once.
enum Sodium {
    /// Whether it may be used; the first look picks the code for this processor.
    static let isReady = sodium_init() >= 0
}
