// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The one message of a pull request: its latest state, whatever order the deliveries come in.
package struct PullRequestCard: Sendable, Hashable, Codable {
    package private(set) var pullRequest: PullRequest
    /// Reviewers that approved, and that asked for changes, each in the order of their last word.
    package private(set) var approvals: [String] = []
    package private(set) var objections: [String] = []

    private static let reviewerLimit = 20

    package init(_ pullRequest: PullRequest) { self.pullRequest = pullRequest }

    /// Takes in an event; what a late delivery shows of the pull request is left out.
    package mutating func apply(_ event: PullRequestEvent) {
        if let request = event.pullRequest, request.updatedAt >= pullRequest.updatedAt {
            let before = pullRequest
            pullRequest = request
            // Reviews show the pull request without its size, and not who merged it.
            pullRequest.additions = request.additions ?? before.additions
            pullRequest.deletions = request.deletions ?? before.deletions
            pullRequest.changedFiles = request.changedFiles ?? before.changedFiles
            pullRequest.mergedBy = request.mergedBy ?? before.mergedBy
        }
        let sender = event.sender ?? "–"
        switch event.action {
        case .approved: Self.move(sender, to: &approvals, from: &objections)
        case .changesRequested: Self.move(sender, to: &objections, from: &approvals)
        case .reviewDismissed(let reviewer):
            approvals.removeAll { $0 == reviewer }
            objections.removeAll { $0 == reviewer }
        default: break
        }
    }

    private static func move(_ name: String, to: inout [String], from: inout [String]) {
        from.removeAll { $0 == name }
        to.removeAll { $0 == name }
        to.append(name)
        if to.count > reviewerLimit { to.removeFirst() }
    }
}
