// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What GitHub tells in one webhook delivery, as far as it is worth a message (docs.github.com, "Webhook events and
/// payloads").
///
/// Lenient: what does not fit is left out, and a delivery that says nothing to us is ``ignored``.
package enum GitHubDelivery: Sendable, Hashable {
    /// Commits came onto a branch.
    case push(Push)
    case pullRequest(PullRequestEvent)
    /// `ping`, and everything that is not told.
    case ignored

    /// - Parameter event: The value of `X-GitHub-Event`.
    package init(event: String, body: JSONValue) {
        let told: GitHubDelivery? =
            switch event {
            case "push": Push(body).map { .push($0) }
            case "pull_request", "pull_request_review", "pull_request_review_comment", "issue_comment":
                PullRequestEvent(event: event, body).map { .pullRequest($0) }
            default: nil
            }
        self = told ?? .ignored
    }

    /// `owner/name` in lower case of the repository that a body is about; `nil` for those of an organisation.
    package static func repository(of body: JSONValue) -> String? {
        body[path: ["repository", "full_name"]]?.string?.lowercased()
    }
}

/// How much of GitHub's texts is kept; measured in characters.
enum GitHubLimits {
    static let name = 200
    static let title = 300
    static let comment = 600
    static let address = 1000
    static let commits = 20
}

extension JSONValue {
    /// The text of a member on one line, cut to a limit; `nil` when there is none or it is blank.
    func line(_ path: String..., limit: Int = GitHubLimits.name) -> String? {
        guard let text = self[path: path]?.string else { return nil }
        let line = text.prefix(limit).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return line.allSatisfy(\.isWhitespace) ? nil : line
    }

    /// A page of GitHub's, `https` or, on a server of one's own, `http`.
    func page(_ path: String...) -> String? {
        guard let url = self[path: path]?.string, url.utf8.count <= GitHubLimits.address,
            url.hasPrefix("https://") || url.hasPrefix("http://"), !url.utf8.contains(where: { $0 <= 0x20 })
        else { return nil }
        return url
    }
}
