// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

#ifndef NEEDLETAIL_RECORD_CIPHER_H
#define NEEDLETAIL_RECORD_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Encrypts `count` bytes at `text` in place with ChaCha20-Poly1305, without associated data, and writes the tag of 16
/// bytes behind them. `key` has 32 bytes, `nonce` 12.
///
/// Returns false, with nothing changed, when OpenSSL has no such cipher or no memory for its context.
bool record_cipher_seal(const uint8_t *key, const uint8_t *nonce, uint8_t *text, size_t count);

/// What a try to open came to.
typedef enum {
    /// The text is there.
    RECORD_CIPHER_OPENED,
    /// The tag is not that of the text, which has been changed.
    RECORD_CIPHER_FORGED,
    /// As ``record_cipher_seal`` returns false.
    RECORD_CIPHER_UNAVAILABLE,
} record_cipher_outcome;

/// Decrypts `count` bytes at `text` in place, if the tag behind them is theirs.
record_cipher_outcome record_cipher_open(const uint8_t *key, const uint8_t *nonce, uint8_t *text, size_t count);

#endif
