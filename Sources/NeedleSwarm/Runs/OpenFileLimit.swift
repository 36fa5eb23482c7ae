// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// How many files, and so connections, this process may have open.
enum OpenFileLimit {
    /// What a process needs besides its clients.
    static let reserve = 100

    /// Raises the limit as far as it may be raised.
    ///
    /// - Throws: ``ClientError/badConfiguration(_:)`` if that is not enough for so many clients.
    static func makeRoom(for clients: Int) throws(ClientError) {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        let needed = rlim_t(clients + reserve)
        guard limit.rlim_cur < needed else { return }
        guard limit.rlim_max >= needed else {
            throw .badConfiguration(
                "\(clients) clients need \(needed) open files, and this process may have \(limit.rlim_max); "
                    + "raise the hard limit (ulimit -Hn) or take fewer clients"
            )
        }
        limit.rlim_cur = limit.rlim_max
        guard setrlimit(resource, &limit) == 0 else {
            throw .badConfiguration("the limit of open files cannot be raised; try ulimit -n \(needed)")
        }
    }

    #if canImport(Glibc)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    private static let resource = RLIMIT_NOFILE
    #endif
}
