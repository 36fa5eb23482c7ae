// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleStorage

/// Decides from looks at a file when it is to be read again.
///
/// A state counts once it was seen twice in a row, since an editor may be in the middle of writing; and it is tried
/// once, since a policy that is refused stays refused until somebody changes it.
struct PolicyFileWatch {
    private var tried: FileState?
    private var seen: FileState?

    /// A watch over a file that was read in the state `tried`.
    init(tried: FileState?) {
        self.tried = tried
        seen = tried
    }

    /// Takes note of the state that the file is in; says whether it is to be read now.
    mutating func looked(at stamp: FileState?) -> Bool {
        let isSteady = stamp == seen
        seen = stamp
        guard isSteady, stamp != tried else { return false }
        tried = stamp
        return true
    }

    /// Takes note that the file was read in the state `stamp` for another reason.
    mutating func read(in stamp: FileState?) {
        tried = stamp
        seen = stamp
    }
}
