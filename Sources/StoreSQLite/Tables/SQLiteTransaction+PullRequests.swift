// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store
import Time

extension SQLiteTransaction {
    func pullRequest(repository: String, number: Int) throws -> StoredPullRequest? {
        try first(
            """
            SELECT repository, number, head, is_open, updated_at, body FROM pull_requests \
            WHERE repository = ? AND number = ?
            """,
            repository, number
        ) { row in
            StoredPullRequest(
                repository: try row.value(0),
                number: try row.value(1),
                head: try row.value(2),
                isOpen: try row.value(3),
                updatedAt: try row.time(4),
                body: try row.value(5)
            )
        }
    }

    func savePullRequest(_ pullRequest: StoredPullRequest) throws {
        try run(
            """
            INSERT OR REPLACE INTO pull_requests (repository, number, head, is_open, updated_at, body) \
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            pullRequest.repository, pullRequest.number, pullRequest.head, pullRequest.isOpen,
            pullRequest.updatedAt.milliseconds, pullRequest.body
        )
    }

    func hasOpenPullRequest(repository: String, head: String) throws -> Bool {
        try first(
            "SELECT 1 FROM pull_requests WHERE repository = ? AND head = ? AND is_open LIMIT 1", repository, head
        ) { try $0.value(0, as: Int.self) } != nil
    }

    func prunePullRequests(before: Timestamp, limit: Int) throws -> Int {
        let old = try all(
            "SELECT repository, number FROM pull_requests WHERE updated_at < ? LIMIT ?",
            before.milliseconds, max(0, limit)
        ) { (try $0.value(0, as: String.self), try $0.value(1, as: Int.self)) }
        for (repository, number) in old {
            try run("DELETE FROM pull_requests WHERE repository = ? AND number = ?", repository, number)
            try run(
                "DELETE FROM posted_messages WHERE name = ?",
                StoredPullRequest.messageName(repository: repository, number: number)
            )
        }
        return old.count
    }
}
