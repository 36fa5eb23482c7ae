// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser

/// The root of the command line; what it offers is in ``configuration``.
package struct NeedletailCommand: ParsableCommand {
    /// Here too, so that global options count before the verb as well as after it.
    @OptionGroup package var global: GlobalOptions

    package init() {}
}
