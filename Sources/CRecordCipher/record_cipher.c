// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

// OpenSSL's ChaCha20-Poly1305 with two contexts for each thread, which takes them from record to record: a context for each
// direction of each connection would be a kilobyte and more for every client.
// C, since Swift has no variables of a thread.
// Source: OpenSSL 3.0, EVP_EncryptInit(3), "AEAD Interface".

#include "record_cipher.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

enum { tag_bytes = 16 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t contexts_key;
static EVP_CIPHER *cipher;

typedef struct {
    EVP_CIPHER_CTX *sealing;
    EVP_CIPHER_CTX *opening;
} contexts;

static void free_contexts(void *memory) {
    contexts *those = memory;
    EVP_CIPHER_CTX_free(those->sealing);
    EVP_CIPHER_CTX_free(those->opening);
    OPENSSL_free(those);
}

static void set_up(void) {
    if (pthread_key_create(&contexts_key, free_contexts) != 0) return;
    cipher = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
}

static contexts *contexts_of_thread(void) {
    if (pthread_once(&once, set_up) != 0 || cipher == NULL) return NULL;
    contexts *those = pthread_getspecific(contexts_key);
    if (those != NULL) return those;
    those = OPENSSL_zalloc(sizeof(contexts));
    if (those == NULL) return NULL;
    those->sealing = EVP_CIPHER_CTX_new();
    those->opening = EVP_CIPHER_CTX_new();
    if (those->sealing != NULL && those->opening != NULL
        && EVP_EncryptInit_ex2(those->sealing, cipher, NULL, NULL, NULL) == 1
        && EVP_DecryptInit_ex2(those->opening, cipher, NULL, NULL, NULL) == 1
        && pthread_setspecific(contexts_key, those) == 0) {
        return those;
    }
    free_contexts(those);
    return NULL;
}

bool record_cipher_seal(const uint8_t *key, const uint8_t *nonce, uint8_t *text, size_t count) {
    contexts *those = contexts_of_thread();
    if (those == NULL || count > INT32_MAX) return false;
    if (EVP_EncryptInit_ex2(those->sealing, NULL, key, nonce, NULL) != 1) return false;
    int written = 0;
    int rest = 0;
    bool is_done = EVP_EncryptUpdate(those->sealing, text, &written, text, (int)count) == 1
        && EVP_EncryptFinal_ex(those->sealing, text + written, &rest) == 1
        && EVP_CIPHER_CTX_ctrl(those->sealing, EVP_CTRL_AEAD_GET_TAG, tag_bytes, text + count) == 1;
    // A stream cipher that has taken its key cannot fail. If it did, to begin again would be to decrypt what is sent.
    if (!is_done) abort();
    return true;
}

record_cipher_outcome record_cipher_open(const uint8_t *key, const uint8_t *nonce, uint8_t *text, size_t count) {
    contexts *those = contexts_of_thread();
    if (those == NULL || count > INT32_MAX) return RECORD_CIPHER_UNAVAILABLE;
    if (EVP_DecryptInit_ex2(those->opening, NULL, key, nonce, NULL) != 1) return RECORD_CIPHER_UNAVAILABLE;
    int written = 0;
    int rest = 0;
    bool is_genuine = EVP_CIPHER_CTX_ctrl(those->opening, EVP_CTRL_AEAD_SET_TAG, tag_bytes, text + count) == 1
        && EVP_DecryptUpdate(those->opening, text, &written, text, (int)count) == 1
        && EVP_DecryptFinal_ex(those->opening, text + written, &rest) == 1;
    return is_genuine ? RECORD_CIPHER_OPENED : RECORD_CIPHER_FORGED;
}
