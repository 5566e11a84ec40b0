// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// A pull request as a delivery shows it.
package struct PullRequest: Sendable, Hashable, Codable {
    package enum State: String, Sendable, Hashable, Codable { case draft, open, merged, closed }

    /// `owner/name`.
    package var repository: String
    package var number: Int
    package var title: String
    package var url: String?
    package var author: String?
    package var state: State
    /// The branch that it brings.
    package var head: String
    /// The branch that it is for.
    package var base: String
    package var additions: Int?
    package var deletions: Int?
    package var changedFiles: Int?
    package var mergedBy: String?
    /// When GitHub changed it last, as it writes it: UTC and of one length, so that text order is time order.
    package var updatedAt: String

    /// - Returns: `nil` unless the body has a `pull_request` with a number.
    init?(_ body: JSONValue) {
        guard let request = body["pull_request"], let number = request["number"]?.int, number > 0,
            let repository = body.line("repository", "full_name")
        else { return nil }
        self.repository = repository
        self.number = number
        title = request.line("title", limit: GitHubLimits.title) ?? "–"
        url = request.page("html_url")
        author = request.line("user", "login")
        let isMerged = request["merged"]?.bool == true || request["merged_at"]?.string != nil
        if request["state"] == "closed" {
            state = isMerged ? .merged : .closed
        } else {
            state = request["draft"]?.bool == true ? .draft : .open
        }
        head = request.line("head", "ref") ?? "–"
        base = request.line("base", "ref") ?? "–"
        additions = request["additions"]?.int
        deletions = request["deletions"]?.int
        changedFiles = request["changed_files"]?.int
        mergedBy = request.line("merged_by", "login")
        updatedAt = request.line("updated_at") ?? ""
    }
}

/// Something that happened to a pull request.
package struct PullRequestEvent: Sendable, Hashable {
    package enum Action: Sendable, Hashable {
        case opened
        case reopened
        case merged
        case closed
        case readyForReview
        case convertedToDraft
        /// Commits were pushed to its branch.
        case synchronized
        /// A person or a team was asked.
        case reviewRequested(String)
        case approved(String?)
        case changesRequested(String?)
        case reviewed(String)
        /// Whose review no longer counts.
        case reviewDismissed(String)
        case commented(String)
        /// Its title, text, base, labels and the like changed: shown on the card and not told.
        case changed
    }

    /// `owner/name`.
    package var repository: String
    package var number: Int
    package var action: Action
    /// Who did it.
    package var sender: String?
    /// The page of a comment or review.
    package var url: String?
    /// As it is now; `nil` for comments, which do not show it.
    package var pullRequest: PullRequest?

    /// - Returns: `nil` when the event is not worth a word: a comment was edited, an issue was commented on.
    init?(event: String, _ body: JSONValue) {
        guard let repository = body.line("repository", "full_name"),
            let action = Self.action(event: event, body["action"]?.string ?? "", body),
            let number = body[path: ["pull_request", "number"]]?.int ?? body[path: ["issue", "number"]]?.int, number > 0
        else { return nil }
        self.repository = repository
        self.number = number
        self.action = action
        sender = body.line("sender", "login")
        url = body.page("review", "html_url") ?? body.page("comment", "html_url")
        // A review shows a shorter form, without what tells a merge from a close in older servers.
        pullRequest = PullRequest(body)
    }

    private static func action(event: String, _ action: String, _ body: JSONValue) -> Action? {
        let text = body[path: [event == "pull_request_review" ? "review" : "comment", "body"]]?.string
        let comment = text.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : String($0.prefix(GitHubLimits.comment)) }
        switch (event, action) {
        case ("pull_request", "opened"): return .opened
        case ("pull_request", "reopened"): return .reopened
        case ("pull_request", "closed"):
            return body[path: ["pull_request", "merged"]]?.bool == true ? .merged : .closed
        case ("pull_request", "ready_for_review"): return .readyForReview
        case ("pull_request", "converted_to_draft"): return .convertedToDraft
        case ("pull_request", "synchronize"): return .synchronized
        case ("pull_request", "review_requested"):
            let asked = body.line("requested_reviewer", "login") ?? body.line("requested_team", "name")
            return asked.map { .reviewRequested($0) } ?? .changed
        case ("pull_request", _): return .changed
        case ("pull_request_review", "submitted"):
            switch body[path: ["review", "state"]]?.string?.lowercased() {
            case "approved": return .approved(comment)
            case "changes_requested": return .changesRequested(comment)
            // Without a text of its own it only holds comments on lines, which come as deliveries of their own.
            default: return comment.map { .reviewed($0) }
            }
        case ("pull_request_review", "dismissed"): return .reviewDismissed(body.line("review", "user", "login") ?? "–")
        case ("pull_request_review_comment", "created"): return comment.map { .commented($0) }
        case ("issue_comment", "created"):
            return body[path: ["issue", "pull_request"]]?.object == nil ? nil : comment.map { .commented($0) }
        default: return nil
        }
    }
}
