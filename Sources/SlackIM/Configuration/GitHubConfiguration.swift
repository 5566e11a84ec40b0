// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Signing

/// A GitHub webhook: its secret, and the channel that hears of it.
package struct GitHubConfiguration: Sendable, Hashable {
    /// Any of them verifies a request; more than one while they are being rotated.
    package var secrets: [Secret]
    package var channel: String
    /// `owner/name`, in lower case; empty means every repository.
    package var repositories: Set<String>
}
