// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import GitHub
import JSON
import Signing
import Testing

struct GitHubSignatureTests {
    /// The example of docs.github.com, "Validating webhook deliveries".
    @Test func `verifies the documented example`() throws {
        let secret = try #require(Secret("It's a Secret to Everybody"))
        let signature = try GitHubSignature(secrets: [try #require(Secret("another")), secret])
        let header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        let tag = try #require(GitHubSignature.tag(in: header))
        #expect(try signature.isValid(tag, of: Array("Hello, World!".utf8)))
        #expect(try !signature.isValid(tag, of: Array("Hello, World?".utf8)))
    }

    @Test(arguments: ["", "sha256=", "sha1=757107ea", "sha256=zz", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c"])
    func `takes nothing else for a signature`(header: String) {
        #expect(GitHubSignature.tag(in: header) == nil)
    }
}

struct GitHubDeliveryTests {
    static func pullRequest(
        _ action: String, state: String = "open", merged: Bool = false, draft: Bool = false,
        updated: String = "2026-11-22T03:00:00Z", more: JSONObject = [:]
    ) -> JSONValue {
        var body: JSONObject = [
            "action": .string(action), "number": 5, "sender": ["login": "kim"],
            "repository": ["full_name": "Octo/Shop", "default_branch": "main"],
            "pull_request": [
                "number": 5, "title": "Fix the till\nnow", "html_url": "https://github.com/octo/shop/pull/5",
                "state": .string(state), "merged": .bool(merged), "draft": .bool(draft), "user": ["login": "lee"],
                "head": ["ref": "fix-till"], "base": ["ref": "main"], "additions": 3, "deletions": 1,
                "changed_files": 2, "updated_at": .string(updated),
            ],
        ]
        for (key, value) in more { body[key] = value }
        return .object(body)
    }

    private func read(_ name: String, _ body: JSONValue) -> PullRequestEvent? {
        guard case .pullRequest(let event) = GitHubDelivery(event: name, body: body) else { return nil }
        return event
    }

    @Test(arguments: [
        ("opened", PullRequestEvent.Action.opened), ("reopened", .reopened), ("ready_for_review", .readyForReview),
        ("converted_to_draft", .convertedToDraft), ("synchronize", .synchronized), ("closed", .closed),
        ("labeled", .changed), ("assigned", .changed), ("an action of next year", .changed),
    ])
    func `reads what happened`(action: String, expected: PullRequestEvent.Action) throws {
        let event = try #require(read("pull_request", Self.pullRequest(action)))
        #expect(event.action == expected)
        #expect(event.sender == "kim")
        #expect(event.pullRequest?.title == "Fix the till")
    }

    @Test func `a merge is a close of what is merged`() throws {
        let event = try #require(read("pull_request", Self.pullRequest("closed", state: "closed", merged: true)))
        #expect(event.action == .merged)
        #expect(event.pullRequest?.state == .merged)
    }

    @Test func `reads reviews and comments`() throws {
        let approval = Self.pullRequest("submitted", more: ["review": ["state": "APPROVED", "body": "nice"]])
        #expect(read("pull_request_review", approval)?.action == .approved("nice"))
        let silent = Self.pullRequest("submitted", more: ["review": ["state": "commented", "body": .null]])
        #expect(read("pull_request_review", silent) == nil)
        let line = Self.pullRequest("created", more: ["comment": ["body": "why?"]])
        #expect(read("pull_request_review_comment", line)?.action == .commented("why?"))
        let issue: JSONValue = [
            "action": "created", "issue": ["number": 5, "pull_request": ["url": "x"]], "comment": ["body": "hm"],
            "repository": ["full_name": "octo/shop"],
        ]
        #expect(read("issue_comment", issue)?.action == .commented("hm"))
        let plain: JSONValue = [
            "action": "created", "issue": ["number": 6], "comment": ["body": "hm"],
            "repository": ["full_name": "octo/shop"],
        ]
        #expect(read("issue_comment", plain) == nil)
    }

    @Test(arguments: ["ping", "issues", "release", "star", ""])
    func `leaves alone what is not told`(name: String) {
        #expect(GitHubDelivery(event: name, body: Self.pullRequest("opened")) == .ignored)
    }

    @Test(arguments: [#"[]"#, #"{}"#, #"{"pull_request": 7}"#, #"{"ref": 1, "commits": {}}"#, #"null"#])
    func `survives bodies of any shape`(text: String) throws {
        let body = try JSONValue(parsing: text)
        for name in ["push", "pull_request", "pull_request_review", "issue_comment"] {
            #expect(GitHubDelivery(event: name, body: body) == .ignored)
        }
    }

    // MARK: Pushes

    private func push(_ changes: JSONObject) -> GitHubDelivery {
        var body: JSONObject = [
            "ref": "refs/heads/main", "deleted": false, "forced": false,
            "compare": "https://github.com/octo/shop/compare/a...b", "sender": ["login": "kim"],
            "repository": ["full_name": "octo/shop", "default_branch": "main"],
            "commits": [
                [
                    "id": "0123456789abcdef", "message": "One\n\nmore", "distinct": true, "author": ["username": "lee"],
                    "url": "https://github.com/octo/shop/commit/0123456",
                ],
                ["id": "f123456789abcdef", "message": "Two", "distinct": false],
            ],
        ]
        for (key, value) in changes { body[key] = value }
        return GitHubDelivery(event: "push", body: .object(body))
    }

    @Test func `a push tells the commits that are new`() throws {
        guard case .push(let push) = push([:]) else {
            Issue.record("a push was not read")
            return
        }
        #expect(push.branch == "main" && push.isDefaultBranch && push.count == 1)
        #expect(push.commits.map(\.title) == ["One"])
        #expect(push.commits.first?.id == "0123456")
    }

    @Test(
        arguments: [
            ["ref": "refs/tags/v1"], ["deleted": true], ["commits": []],
            ["commits": [["id": "a", "message": "m", "distinct": false]]],
        ] as [JSONObject])
    func `a tag, a deletion and nothing new are not told`(changes: JSONObject) {
        #expect(push(changes) == .ignored)
    }

    // MARK: The card

    @Test func `a late delivery does not bring an old state back`() throws {
        let merged = try #require(
            read(
                "pull_request",
                Self.pullRequest("closed", state: "closed", merged: true, updated: "2026-11-22T04:00:00Z")))
        let late = try #require(read("pull_request", Self.pullRequest("synchronize")))
        var card = PullRequestCard(try #require(merged.pullRequest))
        card.apply(merged)
        card.apply(late)
        #expect(card.pullRequest.state == .merged)
    }

    @Test func `a reviewer counts by the last word`() throws {
        func review(_ state: String) throws -> PullRequestEvent {
            let body = Self.pullRequest("submitted", more: ["review": ["state": .string(state), "body": "b"]])
            return try #require(read("pull_request_review", body))
        }
        var card = PullRequestCard(try #require(try review("approved").pullRequest))
        card.apply(try review("changes_requested"))
        #expect(card.objections == ["kim"] && card.approvals.isEmpty)
        card.apply(try review("approved"))
        #expect(card.approvals == ["kim"] && card.objections.isEmpty)
        let dismissal = Self.pullRequest(
            "dismissed", more: ["review": ["state": "dismissed", "user": ["login": "kim"]]])
        card.apply(try #require(read("pull_request_review", dismissal)))
        #expect(card.approvals.isEmpty)
    }
}
