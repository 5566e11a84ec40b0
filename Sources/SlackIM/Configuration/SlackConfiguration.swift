// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Signing

/// The Slack workspace: how it signs, how we sign in, and who may decide.
package struct SlackConfiguration: Sendable, Hashable {
    /// Languages that slack-im speaks in channels.
    package enum Language: String, Sendable, CaseIterable { case en, ko }

    /// Any of them verifies a request; more than one while they are being rotated.
    package var signingSecrets: [Secret]
    package var botToken: Secret
    /// Base of the Web API, with a slash at its end.
    package var apiURL: String
    /// The slash command, with its slash.
    package var command: String
    /// Ids of members and user groups; empty means the workspace's admins and owners.
    package var operators: [String]
    /// Channel for run results, held plans and failures.
    package var notify: String?
    package var language: Language
    /// Hosts, in lower case, that a `response_url` may have.
    package var responseHosts: Set<String>
}
