// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Glibc

/// A file that closes itself.
///
/// The few calls that key files and locks need, since Foundation offers neither exclusive creation with a mode nor
/// `fsync` of a directory nor `flock`. Children that are started never inherit it.
struct OpenFile: ~Copyable {
    let descriptor: Int32
    let path: String

    /// Opens `path` with `flags` of `open(2)`; a file that is created gets `mode`.
    init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(SystemError) {
        guard !path.utf8.contains(0) else { throw SystemError(number: EINVAL) }
        descriptor = try SystemError.retrying { open(path, flags | O_CLOEXEC, mode) }
        self.path = path
    }

    deinit {
        close(descriptor)
    }

    /// What the system knows of it.
    borrowing func status() throws(SystemError) -> stat {
        var status = stat()
        _ = try SystemError.retrying { fstat(descriptor, &status) }
        return status
    }

    /// The first bytes, at most `max`.
    borrowing func read(max: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: max)
        while bytes.count < max {
            let wanted = max - bytes.count
            let count = try SystemError.retrying { Glibc.read(descriptor, &buffer, wanted) }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// Writes all of `bytes` where the last write ended.
    borrowing func write(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try SystemError.retrying {
                rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Returns when everything is on the disk.
    borrowing func sync() throws(SystemError) {
        _ = try SystemError.retrying { fsync(descriptor) }
    }

    /// Makes the names in the directory `path` durable, as `fsync` of a file does not.
    static func syncDirectory(_ path: String) throws(SystemError) {
        try OpenFile(path, O_RDONLY | O_DIRECTORY).sync()
    }
}

extension SystemError {
    /// Calls `call` until no signal interrupts it; a negative result is an error.
    static func retrying<Result: SignedInteger>(_ call: () -> Result) throws(SystemError) -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            let error = SystemError.last
            if error.number != EINTR { throw error }
        }
    }
}
