// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension BLAKE2s {
    /// HMAC with this hash; not BLAKE2s's own keyed mode, which Noise does not use.
    ///
    /// - Source: RFC 2104; the Noise specification, section 4.3.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var padded = key.count > blockLength ? hash(key) : key
        padded.append(contentsOf: repeatElement(0, count: blockLength - padded.count))
        var inner = BLAKE2s()
        inner.update(padded.map { $0 ^ 0x36 })
        inner.update(message)
        var outer = BLAKE2s()
        outer.update(padded.map { $0 ^ 0x5c })
        outer.update(inner.finalize())
        return outer.finalize()
    }

    /// Derives two keys from a chaining key and new key material.
    ///
    /// - Source: the Noise specification, section 4.3, HKDF with two outputs (RFC 5869 with an empty info).
    package static func derive(chainingKey: [UInt8], material: [UInt8]) -> (first: [UInt8], second: [UInt8]) {
        let secret = authenticate(material, key: chainingKey)
        let first = authenticate([1], key: secret)
        return (first, authenticate(first + [2], key: secret))
    }
}
