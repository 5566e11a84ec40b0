// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Comparison whose time tells nothing about the content.
package enum ConstantTime {
    /// Whether both hold the same bytes.
    ///
    /// Lengths are public and compared first.
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        guard !left.isEmpty else { return true }
        return unsafe CRYPTO_memcmp(left, right, left.count) == 0
    }
}
