// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Slack
import Synchronization

/// Answers to commands that are the same every time, each written once.
final class StandingAnswers: Sendable {
    private struct Key: Hashable {
        /// `nil` when it must not yet sound as if the request were granted.
        let request: CommandOrder.Request?
        let language: Language
    }

    /// Requests may name any member, so that what is kept has to have an end.
    private static let limit = 256

    /// When nothing can be committed.
    let notRecorded: Acknowledgement
    /// When the store cannot be read.
    let storeUnreadable: Acknowledgement
    private let written = Mutex<[Key: WrittenMessage]>([:])

    /// - Parameter language: Of what is said when nobody can be looked up.
    init(language: Language) {
        let texts = Texts(language: language)
        notRecorded = .message(WrittenMessage(ephemeral: texts.notRecorded))
        storeUnreadable = .message(WrittenMessage(ephemeral: texts.storeUnreadable))
    }

    /// What is said at once to somebody who has asked for work.
    func started(_ request: CommandOrder.Request?, _ texts: Texts) -> WrittenMessage {
        let key = Key(request: request, language: texts.language)
        if let message = written.withLock({ $0[key] }) { return message }
        let message = WrittenMessage(ephemeral: Self.message(request, texts))
        written.withLock { written in
            if written.count >= Self.limit { written.removeAll() }
            written[key] = message
        }
        return message
    }

    private static func message(_ request: CommandOrder.Request?, _ texts: Texts) -> Message {
        switch request {
        case .sync(let target): texts.syncAsked(target)
        case .syncMember(let member): texts.memberSyncAsked(member)
        case .plan, .pause, .resume, .why, .password, .adopt, .link, .unlink, .restore, nil: texts.checking
        }
    }
}
