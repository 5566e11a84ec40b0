// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Signing

/// Where the key comes from that initial passwords are derived from.
package enum PasswordKeyConfiguration: Sendable, Hashable {
    /// The configuration gives it, itself or by a file.
    case given(Secret)
    /// The default: the text in this file beside the database, generated with mode 0600 when the file does not exist.
    case generated(path: String)
}
