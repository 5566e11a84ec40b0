// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// Commits that came onto a branch.
package struct Push: Sendable, Hashable {
    /// One commit.
    package struct Commit: Sendable, Hashable {
        /// The first seven digits of its hash.
        package var id: String
        /// The first line of its message.
        package var title: String
        package var author: String?
        package var url: String?
    }

    /// `owner/name`.
    package var repository: String
    package var branch: String
    package var isDefaultBranch: Bool
    package var isForced: Bool
    /// Who pushed.
    package var sender: String?
    /// The page that shows all of it.
    package var url: String?
    /// The first of those that were new to the repository: after a merge the others were told before.
    package var commits: [Commit]
    /// How many were new.
    package var count: Int

    /// - Returns: `nil` when nothing came: a tag, a branch that was made or deleted, commits that were there already.
    init?(_ body: JSONValue) {
        let prefix = "refs/heads/"
        guard let repository = body.line("repository", "full_name"),
            let ref = body["ref"]?.string, ref.hasPrefix(prefix), body["deleted"]?.bool != true
        else { return nil }
        let fresh = (body["commits"]?.array ?? []).filter { $0["distinct"]?.bool != false && $0.object != nil }
        guard !fresh.isEmpty else { return nil }
        self.repository = repository
        branch = String(ref.dropFirst(prefix.count).prefix(GitHubLimits.name))
        isDefaultBranch = branch == body.line("repository", "default_branch")
        isForced = body["forced"]?.bool == true
        sender = body.line("sender", "login") ?? body.line("pusher", "name")
        url = body.page("compare")
        count = fresh.count
        commits = fresh.prefix(GitHubLimits.commits).map { commit in
            Commit(
                id: String((commit["id"]?.string ?? "").prefix(7)),
                title: commit.line("message", limit: GitHubLimits.title) ?? "–",
                author: commit.line("author", "username") ?? commit.line("author", "name"),
                url: commit.page("url"))
        }
    }
}
