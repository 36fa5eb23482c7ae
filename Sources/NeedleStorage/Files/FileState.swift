// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Glibc

/// What tells one state of a file from another, whether it was written to or replaced.
package struct FileState: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int64
    private let nanoseconds: Int64
    /// Whether it is a file whose contents have an end; anything else might never end, or never begin.
    package let isRegular: Bool

    /// All fields as given.
    package init(device: UInt64, inode: UInt64, size: Int64, seconds: Int64, nanoseconds: Int64, isRegular: Bool) {
        self.device = device
        self.inode = inode
        self.size = size
        self.seconds = seconds
        self.nanoseconds = nanoseconds
        self.isRegular = isRegular
    }

    /// The state that the file at `path` is in now, behind any links; nil if there is none.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        seconds = Int64(status.st_mtim.tv_sec)
        nanoseconds = Int64(status.st_mtim.tv_nsec)
        isRegular = status.st_mode & S_IFMT == S_IFREG
    }
}
