// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// SHA-256 (FIPS 180-4) on libcrypto, for names of things by their content; never for passwords or signatures.
package enum SHA256 {
    /// The digest, 32 bytes.
    /// - Throws: ``SigningError/openSSL``.
    package static func digest(_ bytes: [UInt8]) throws(SigningError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        guard unsafe EVP_Q_digest(nil, "SHA256", nil, bytes, bytes.count, &digest, nil) == 1 else { throw .openSSL }
        return digest
    }
}
