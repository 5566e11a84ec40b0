// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Unguessable bytes from libcrypto's generator.
package enum RandomBytes {
    /// - Throws: ``SigningError/openSSL`` when the generator has no entropy.
    package static func generate(_ count: Int) throws(SigningError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe RAND_bytes(&bytes, Int32(clamping: count)) == 1 else { throw .openSSL }
        return bytes
    }
}

/// The version of the libcrypto that is loaded, as it names itself, for `check` and `--version`.
package var openSSLVersion: String {
    unsafe String(cString: OpenSSL_version(OPENSSL_VERSION))
}
