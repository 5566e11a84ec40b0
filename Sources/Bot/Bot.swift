// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
package import Provisioning
package import Slack
import Store
import Synchronization
package import Time

/// Turns a delivery into work: decides, for everything Slack can send, what is answered at once and what is recorded.
///
/// Nothing here waits for the network. Rights are only looked at in the mirror for wording; they are checked afresh where
/// the work is done.
package final class Bot: Sendable {
    package struct Configuration: Sendable {
        /// With its slash.
        package var command: String
        package var operators: Operators
        /// The language of channels; people are answered in their own.
        package var language: Language
        package var status: StatusReport.Scope
        /// Channels and user groups whose members have accounts.
        package var channels: Set<ChannelID>
        package var userGroups: Set<UserGroupID>

        package init(
            command: String,
            operators: Operators,
            language: Language,
            status: StatusReport.Scope,
            channels: Set<ChannelID> = [],
            userGroups: Set<UserGroupID> = []
        ) {
            self.command = command
            self.operators = operators
            self.language = language
            self.status = status
            self.channels = channels
            self.userGroups = userGroups
        }
    }

    package let configuration: Configuration
    /// The workspace and app that deliveries must come from, once known.
    package let home: Home
    let answers: StandingAnswers

    package init(configuration: Configuration, home: Home) {
        self.configuration = configuration
        self.home = home
        answers = StandingAnswers(language: configuration.language)
    }

    private var targets: [TargetName] { configuration.status.targets.map(\.name) }
    /// What goes without saying.
    private var onlyTarget: String? { targets.count == 1 ? targets.first?.rawValue : nil }

    /// Decides about a delivery whose signature was verified.
    package func receive(_ delivery: SlackDelivery, now: Timestamp) -> Reception {
        switch delivery {
        case .urlVerification(let challenge): .answer(.text(challenge), counted: "url_verification")
        case .sslCheck: .answer(.empty, counted: "ssl_check")
        case .rateLimited: .answer(.empty, counted: "app_rate_limited")
        case .other: .answer(.empty, counted: "other")
        case .command(let command): receive(command, now: now)
        case .event(let event): receive(event, now: now)
        case .interaction(let interaction): receive(interaction, now: now)
        }
    }

    // MARK: Commands

    private func receive(_ command: SlashCommand, now: Timestamp) -> Reception {
        guard home.accepts(teamID: command.teamID, appID: command.appID), command.command == configuration.command
        else {
            return .answer(.empty, counted: "command.foreign")
        }
        switch CommandRequest(command.text) {
        case .help: return look(command, "help") { [self] texts, _ in texts.help(configuration.command, unknown: nil) }
        case .unknown(let word):
            return look(command, "unknown") { [self] texts, _ in texts.help(configuration.command, unknown: word) }
        case .status(let name):
            return look(command, "status") { [self] texts, store in
                let report = try StatusReport(configuration.status, in: store, now: now)
                return texts.status(report, only: name)
            }
        case .sync(let name):
            guard let name else { return work(command, "sync", now, .sync(target: nil)) }
            return onTarget(name, command, "sync", now) { .sync(target: $0) }
        case .plan(let name):
            guard let name else { return work(command, "plan", now, .plan(target: nil)) }
            return onTarget(name, command, "plan", now) { .plan(target: $0) }
        case .runs(let name):
            if let name, !targets.contains(TargetName(name)) { return unknown(name, command, "runs") }
            return look(command, "runs") { texts, store in
                texts.runs(try store.runs(target: name.map { TargetName($0) }, limit: 10))
            }
        case .errors(let name):
            return look(command, "errors") { [self] texts, store in
                let groups = try store.openGroups(of: name, limit: Texts.errorsLimit + 1)
                return texts.openErrors(groups, sources: configuration.status.allSources, name)
            }
        case .syncMember(let id): return work(command, "sync", now, .syncMember(MemberID(id)))
        case .whom(let verb):
            return look(command, verb.rawValue) { [self] texts, _ in
                texts.whom("\(configuration.command) \(verb.usage)")
            }
        case .tooMuch(let verb):
            return look(command, verb.rawValue) { [self] texts, _ in
                texts.tooMuch("\(configuration.command) \(verb.usage)")
            }
        case .link(let id, let name, let key):
            return onTarget(name, command, "link", now) {
                .link(member: MemberID(id), target: $0, key: key.map { AccountKey($0) })
            }
        case .unlink(let id, let name, let key):
            return onTarget(name, command, "unlink", now) {
                .unlink(member: MemberID(id), target: $0, key: key.map { AccountKey($0) })
            }
        case .why(let id): return work(command, "why", now, .why(id.map { MemberID($0) } ?? command.userID))
        case .restore(let id): return work(command, "restore", now, .restore(MemberID(id)))
        case .password(let name):
            return onTarget(name ?? onlyTarget, command, "password", now) { .password(target: $0) }
        case .adopt(let name): return onTarget(name ?? onlyTarget, command, "adopt", now) { .adopt(target: $0) }
        case .pause(let name): return onTarget(name, command, "pause", now) { .pause(target: $0) }
        case .resume(let name): return onTarget(name, command, "resume", now) { .resume(target: $0) }
        }
    }

    /// A verb that names a target: an unknown name is answered with the known ones.
    private func onTarget(
        _ name: String?,
        _ command: SlashCommand,
        _ verb: String,
        _ now: Timestamp,
        _ request: (TargetName) -> CommandOrder.Request
    ) -> Reception {
        guard let name, targets.contains(TargetName(name)) else { return unknown(name, command, verb) }
        return work(command, verb, now, request(TargetName(name)))
    }

    private func unknown(_ name: String?, _ command: SlashCommand, _ verb: String) -> Reception {
        look(command, verb) { [self] texts, _ in texts.unknownTarget(name, known: targets) }
    }

    private func look(
        _ command: SlashCommand,
        _ verb: String,
        _ answer: @escaping @Sendable (Texts, any StoreTransaction) throws -> Message
    ) -> Reception {
        .look(
            counted: "command.\(verb)",
            { [self] store in .message(ephemeral(try answer(try texts(for: command.userID, in: store), store))) },
            failing: answers.storeUnreadable
        )
    }

    private func work(
        _ command: SlashCommand,
        _ verb: String,
        _ now: Timestamp,
        _ request: CommandOrder.Request
    ) -> Reception {
        // Slack gives every typed command a trigger of its own. Should it ever be missing, the answer URL is as unique.
        let identity = command.triggerID ?? command.responseURL ?? "\(command.userID):\(command.text):\(now.seconds)"
        let asked = ReplyAddress(
            responseURL: command.responseURL,
            until: now + ReplyAddress.lifetime,
            channel: command.channelID,
            user: command.userID,
            language: configuration.language
        )
        return .record(
            key: "command:\(identity)",
            counted: "command.\(verb)",
            { [self] store in
                var reply = asked
                let known = try store.member(reply.user)
                let texts = texts(for: known)
                reply.language = texts.language
                // The mirror's word is only for the tone; rights are read afresh before anything is done.
                let mayBeRefused = try known.map { try !configuration.operators.contain($0, in: store) } ?? false
                _ = try store.addJob(try CommandOrder(request: request, reply: reply).job(at: now), at: now)
                return .message(answers.started(mayBeRefused ? nil : request, texts))
            },
            duplicate: .empty,
            failing: answers.notRecorded
        )
    }

    /// The words for a person: in their own language as far as the mirror knows it.
    func texts(for member: MemberID, in store: any StoreTransaction) throws -> Texts {
        texts(for: try store.member(member))
    }

    private func texts(for member: Member?) -> Texts {
        Texts(language: member?.locale.map { Language(locale: $0) } ?? configuration.language)
    }

    func ephemeral(_ message: Message) -> WrittenMessage { WrittenMessage(ephemeral: message) }
}

/// The workspace and the app that this slack-im belongs to, as Slack names them.
package final class Home: Sendable {
    private let known = Mutex<(teamID: String?, appID: String?)>((nil, nil))

    package init(teamID: String? = nil, appID: String? = nil) {
        learn(teamID: teamID, appID: appID)
    }

    package func learn(teamID: String?, appID: String?) {
        known.withLock { known in
            known.teamID = teamID ?? known.teamID
            known.appID = appID ?? known.appID
        }
    }

    /// Whether a delivery is meant for us.
    ///
    /// What is not known yet does not count against it.
    package func accepts(teamID: String, appID: String?) -> Bool {
        known.withLock { known in
            (known.teamID == nil || known.teamID == teamID)
                && (known.appID == nil || appID == nil || known.appID == appID)
        }
    }
}
