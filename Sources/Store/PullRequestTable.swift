// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Time

/// A pull request that has a card in Slack.
package struct StoredPullRequest: Sendable, Hashable, Codable {
    /// `owner/name` in lower case.
    package var repository: String
    package var number: Int
    /// The branch that it brings.
    package var head: String
    package var isOpen: Bool
    package var updatedAt: Timestamp
    /// The domain's card, JSON text.
    package var body: String

    package init(repository: String, number: Int, head: String, isOpen: Bool, updatedAt: Timestamp, body: String) {
        self.repository = repository
        self.number = number
        self.head = head
        self.isOpen = isOpen
        self.updatedAt = updatedAt
        self.body = body
    }
}

/// The pull requests that have cards.
package protocol PullRequestTable {
    func pullRequest(repository: String, number: Int) throws -> StoredPullRequest?
    /// Adds or replaces it.
    func savePullRequest(_ pullRequest: StoredPullRequest) throws
    /// Whether one that is open brings the branch: then its card tells of what is pushed there.
    func hasOpenPullRequest(repository: String, head: String) throws -> Bool
    /// Forgets those that nothing happened to since, with the places of their cards; at most `limit` in one go.
    func prunePullRequests(before: Timestamp, limit: Int) throws -> Int
}

extension StoredPullRequest {
    /// The name under which its card is remembered.
    package var messageName: String { Self.messageName(repository: repository, number: number) }

    /// The name under which a pull request's card is remembered.
    package static func messageName(repository: String, number: Int) -> String { "pull:\(repository)#\(number)" }
}
