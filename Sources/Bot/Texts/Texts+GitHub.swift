// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import GitHub
import Slack

extension Texts {
    /// Commits that came onto a branch.
    func push(_ push: Push) -> Message {
        let sender = push.sender ?? "–"
        let place = "\(push.repository):\(push.branch)"
        let verb: Mrkdwn =
            push.isForced ? say("force-pushed", "강제 푸시했습니다") : say("pushed", "푸시했습니다")
        let count: Mrkdwn =
            push.count == 1 ? say("1 commit", "커밋 1개") : say("\(push.count) commits", "커밋 \(push.count)개")
        let location: Mrkdwn = if let url = push.url { "\(link: url, place)" } else { "\(code: place)" }
        let title: Mrkdwn = say(
            "*\(sender)* \(verb) \(count) to \(location)", "*\(sender)* 님이 \(location) 에 \(count)를 \(verb)")
        let shown = push.commits.prefix(Self.commitsShown).map { commit -> Mrkdwn in
            let id: Mrkdwn = if let url = commit.url { "\(link: url, commit.id)" } else { "\(code: commit.id)" }
            guard let author = commit.author, author != push.sender else { return "\(id)  \(commit.title)" }
            return "\(id)  \(commit.title)  –  \(author)"
        }
        var blocks: [Block] = [.section(title), .section(.joined(shown, by: "\n"))]
        if push.count > shown.count {
            blocks.append(
                .context(say("… and \(push.count - shown.count) more", "… 외 \(push.count - shown.count)개")))
        }
        return Message(
            text: say("\(sender) \(verb) \(count) to \(place)", "\(sender) 님이 \(place) 에 \(count)를 \(verb)"),
            blocks: blocks)
    }

    private static let commitsShown = 10

    /// The one message of a pull request.
    func card(_ card: PullRequestCard) -> Message {
        let request = card.pullRequest
        let name = "\(request.repository)#\(request.number)"
        let label = "#\(request.number) \(request.title)"
        let title: Mrkdwn = if let url = request.url { "*\(link: url, label)*" } else { "*\(label)*" }
        var facts: [Mrkdwn] = [
            "\(request.repository)", say("by \(request.author ?? "–")", "작성자 \(request.author ?? "–")"),
            "\(code: request.base) ← \(code: request.head)",
        ]
        if let additions = request.additions, let deletions = request.deletions {
            let files: Mrkdwn =
                if let count = request.changedFiles { say(" in \(count) files", " (파일 \(count)개)") } else { "" }
            facts.append("+\(additions) −\(deletions)\(files)")
        }
        var reviews: [Mrkdwn] = []
        if !card.approvals.isEmpty {
            let names = card.approvals.joined(separator: ", ")
            reviews.append(say(":white_check_mark: approved by \(names)", ":white_check_mark: 승인: \(names)"))
        }
        if !card.objections.isEmpty {
            let names = card.objections.joined(separator: ", ")
            reviews.append(say(":no_entry: changes requested by \(names)", ":no_entry: 변경 요청: \(names)"))
        }
        var blocks: [Block] = [
            .section("\(icon(request.state)) \(title)"), .context([.joined([state(request)] + facts, by: "  ·  ")]),
        ]
        if !reviews.isEmpty { blocks.append(.context(reviews)) }
        return Message(text: "\(name) \(request.title): \(state(request))", blocks: blocks)
    }

    private func icon(_ state: PullRequest.State) -> Mrkdwn {
        switch state {
        case .draft: ":pencil2:"
        case .open: ":large_green_circle:"
        case .merged: ":large_purple_circle:"
        case .closed: ":red_circle:"
        }
    }

    private func state(_ request: PullRequest) -> Mrkdwn {
        switch request.state {
        case .draft: say("draft", "초안")
        case .open: say("open", "열림")
        case .merged:
            request.mergedBy.map { say("merged by \($0)", "\($0) 님이 병합함") } ?? say("merged", "병합됨")
        case .closed: say("closed", "닫힘")
        }
    }

    /// What the thread below a card hears; `nil` when the card says it all.
    func reply(to event: PullRequestEvent) -> Message? {
        let who = event.sender ?? "–"
        func quoted(_ title: Mrkdwn, _ comment: String?) -> Message {
            let page: Mrkdwn = if let url = event.url { "  \(link: url, "→")" } else { "" }
            var blocks: [Block] = [.section("\(title)\(page)")]
            if let comment { blocks.append(.section("\(block: comment)")) }
            return Message(text: comment.map { "\(title): \($0)" } ?? title, blocks: blocks)
        }
        switch event.action {
        case .changed: return nil
        case .opened: return line(say("Opened by \(who)", "\(who) 님이 열었습니다"))
        case .reopened: return line(say("Reopened by \(who)", "\(who) 님이 다시 열었습니다"))
        case .merged: return line(say("Merged by \(who)", "\(who) 님이 병합했습니다"))
        case .closed: return line(say("Closed by \(who) without merging", "\(who) 님이 병합하지 않고 닫았습니다"))
        case .readyForReview: return line(say("\(who): ready for review", "\(who): 검토 준비가 되었습니다"))
        case .convertedToDraft: return line(say("\(who): back to draft", "\(who): 초안으로 되돌렸습니다"))
        case .synchronized: return line(say("\(who) pushed new commits", "\(who) 님이 새 커밋을 푸시했습니다"))
        case .reviewRequested(let asked):
            return line(say("\(who) asked \(asked) for a review", "\(who) 님이 \(asked) 님에게 검토를 요청했습니다"))
        case .approved(let comment):
            return quoted(
                say(":white_check_mark: \(who) approved", ":white_check_mark: \(who) 님이 승인했습니다"), comment)
        case .changesRequested(let comment):
            return quoted(
                say(":no_entry: \(who) requested changes", ":no_entry: \(who) 님이 변경을 요청했습니다"), comment)
        case .reviewed(let comment):
            return quoted(say("\(who) reviewed", "\(who) 님이 검토했습니다"), comment)
        case .reviewDismissed(let reviewer):
            return line(
                say("\(who) dismissed the review of \(reviewer)", "\(who) 님이 \(reviewer) 님의 검토를 해제했습니다"))
        case .commented(let comment):
            return quoted(say("\(who) commented", "\(who) 님이 의견을 남겼습니다"), comment)
        }
    }
}
