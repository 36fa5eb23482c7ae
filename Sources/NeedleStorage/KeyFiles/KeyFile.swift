// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Glibc
package import NeedleTypes

/// A file with one private key.
///
/// - Shape: `privkey:` and 64 hex digits, as headscale writes it, so that an existing installation's keys carry over.
package enum KeyFile {
    /// More than the text of a key with the white space around it that editors leave.
    static let bytesMax = 4096

    /// Reads the key at `path`, or makes one there if there is no file.
    ///
    /// A file that cannot be used is left alone, whatever is wrong with it: the key in it may be all that connects
    /// clients to this server. Two processes must not do this to one path at a time; the ``DataDirectory`` sees to it.
    ///
    /// - Throws: ``StoreError/Code/denied`` if others may read it, ``StoreError/Code/corrupt`` if it holds no key.
    package static func readOrCreate<Role: KeyRole>(
        at path: String,
        using random: inout some RandomNumberGenerator
    ) throws(StoreError) -> PrivateKey<Role> {
        if let key: PrivateKey<Role> = try read(at: path) { return key }
        let key = PrivateKey<Role>.generate(using: &random)
        try PrivateFile.write(Array("\(key.secretText)\n".utf8), to: path, called: "key file")
        return key
    }

    /// Reads the key at `path`, or nothing if there is no file.
    package static func read<Role: KeyRole>(at path: String) throws(StoreError) -> PrivateKey<Role>? {
        let mode: mode_t
        let bytes: [UInt8]
        do throws(SystemError) {
            // Without O_NONBLOCK a named pipe at this path would hold the server up for ever.
            let file = try OpenFile(path, O_RDONLY | O_NONBLOCK)
            mode = try file.status().st_mode
            bytes = mode & S_IFMT == S_IFREG ? try file.read(max: bytesMax) : []
        } catch  where error.number == ENOENT {
            return nil
        } catch {
            throw .system(error, "read the key file", path)
        }
        try check(mode, of: path)
        guard let key = PrivateKey<Role>(text: String(decoding: bytes, as: UTF8.self)) else { throw noKey(in: path) }
        return key
    }

    private static func check(_ mode: mode_t, of path: String) throws(StoreError) {
        guard mode & S_IFMT == S_IFREG else {
            throw StoreError(.notOurs, "'\(path)' is no ordinary file; name the file that holds the private key")
        }
        guard mode & 0o077 == 0 else {
            let digits = String(mode & 0o777, radix: 8)
            throw StoreError(
                .denied,
                "other users may use the private key in '\(path)' (mode \(digits)); run 'chmod 600 \(path)'"
            )
        }
    }

    private static func noKey(in path: String) -> StoreError {
        StoreError(
            .corrupt,
            "'\(path)' holds no private key, which is 'privkey:' and 64 hex digits; restore it, or remove it to have a new one made, which clients will not know"
        )
    }
}
