// Part of slack-im
// SPDX-License-Identifier: Apache-2.0
//
// libcrypto as Swift sees it. The parameter array of EVP_MAC_init keeps pointers to what it is given, so it is built
// here, where its lifetime is C's.

#ifndef SLACK_IM_COPENSSL_SHIM_H
#define SLACK_IM_COPENSSL_SHIM_H

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

/// Keys a context for HMAC-SHA256. A null key with length 0 would silently mean "keep the last key": callers refuse it.
/// Returns 1 on success.
static inline int slackim_hmac_sha256_key(EVP_MAC_CTX *context, const void *key, size_t length) {
    char digest[] = "SHA256";
    OSSL_PARAM parameters[2] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_init(context, (const unsigned char *)key, length, parameters);
}

/// Makes a keyed context ready for the next message, with the key that it has. Returns 1 on success.
static inline int slackim_hmac_reset(EVP_MAC_CTX *context) {
    return EVP_MAC_init(context, NULL, 0, NULL);
}

#endif
