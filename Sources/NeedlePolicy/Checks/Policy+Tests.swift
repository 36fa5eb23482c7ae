// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Policy {
    /// How many `tests` and `sshTests` there are to run.
    package var testCount: Int { syntax.tests.count + syntax.sshTests.count }
}
