// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Bot
import JSON
package import Logging
import Provisioning
import ServiceLifecycle
package import Slack
package import Store
package import Time

/// Learns which workspace and app the token belongs to, and watches over whether Slack takes it.
///
/// Until Slack has answered, what the last start learned is used. While Slack refuses the token nothing else is called;
/// everything is kept, and asked for again from time to time until the token is good. What a person must repair is
/// remembered for `status`, logged, audited, and said to the operators' channel, each once; logged at each start anew.
package struct WorkspaceConnection: Service {
    private let store: any Store
    private let slack: any SlackWebAPI
    private let connection: SlackConnection
    private let home: Home
    private let notifyChannel: String?
    private let texts: Texts
    private let clock: WallClock
    private let logger: Logger

    package init(
        store: any Store,
        slack: any SlackWebAPI,
        connection: SlackConnection,
        home: Home,
        notifyChannel: String?,
        language: Language,
        clock: WallClock,
        logger: Logger
    ) {
        self.store = store
        self.slack = slack
        self.connection = connection
        self.home = home
        self.notifyChannel = notifyChannel
        texts = Texts(language: language)
        self.clock = clock
        self.logger = logger
    }

    private static let slowestRetry = Duration.seconds(60)

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var recalled = await recall()
            var changes = connection.changes.makeAsyncIterator()
            var wait = Duration.seconds(1)
            var isKnown = false
            while !Task.isCancelled {
                if !isKnown || connection.loss != nil { isKnown = await learn() }
                await record(isKnown: isKnown)
                if isKnown || connection.loss != nil {
                    // What the last start was told must show in the log of this one, too.
                    for (name, trouble) in connection.all where recalled[name] != nil { tell(trouble) }
                    recalled = [:]
                }
                if isKnown {
                    wait = .seconds(1)
                    // Ends only with the task: a service that returned would end the whole group.
                    guard await changes.next() != nil else { return }
                } else {
                    try? await clock.sleep(wait)
                    wait = min(wait * 2, Self.slowestRetry)
                }
            }
        }
    }

    /// - Returns: Whether Slack takes the token.
    private func learn() async -> Bool {
        do throws(WebAPIError) {
            let identity = try await slack.call(.authTest, [:])
            connection.accept(SlackTrouble.token)
            let team = identity["team_id"]?.string
            let app = await appID(bot: identity["bot_id"]?.string, user: identity["user_id"]?.string)
            home.learn(teamID: team, appID: app)
            let name = identity["team"]?.string
            _ = try? await store.transaction(.work) { tx in
                if let team { try tx.setFact("workspace.team_id", team) }
                if let app { try tx.setFact("workspace.app_id", app) }
                if let name { try tx.setFact("workspace.name", name) }
            }
            logger.notice("connected to the workspace", metadata: ["slack.team_id": "\(team ?? "?")"])
            return true
        } catch {
            switch error.disposition {
            case .retry:
                logger.warning("Slack does not answer", metadata: ["error": "\(error.detail)"])
            case .giveUp, .needsOperator, .tokenRefused, .unreachableChannel:
                // Whatever the word: a token with which even this is refused is of no use.
                if case .refused(let word) = error.code { connection.lose(word, error.detail, at: clock.now()) }
            }
            return false
        }
    }

    /// The app's id, from its bot or else from its bot user; `nil` when Slack does not say, and then nothing is refused
    /// for being another app's.
    private func appID(bot: String?, user: String?) async -> String? {
        if let bot, let answer = try? await slack.call(.botsInfo, ["bot": .string(bot)]),
            let app = answer["bot"]?["app_id"]?.string, !app.isEmpty
        {
            return app
        }
        if let user, let answer = try? await slack.call(.usersInfo, ["user": .string(user)]) {
            return answer["user"]?["profile"]?["api_app_id"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        }
        return nil
    }

    // MARK: Memory

    /// - Returns: What Slack refused when this was last written down.
    private func recall() async -> [String: SlackTrouble] {
        let known = (try? await store.read { try $0.facts(prefix: SlackTrouble.prefix) }) ?? [:]
        let troubles = known.reduce(into: [:]) { troubles, fact in
            troubles[String(fact.key.dropFirst(SlackTrouble.prefix.count))] = SlackTrouble(text: fact.value)
        }
        connection.recall(troubles)
        return troubles
    }

    private func tell(_ trouble: SlackTrouble) {
        logger.error(
            "Slack refuses what a person must repair",
            metadata: ["error": "\(trouble.detail)", "since": "\(trouble.since)"])
    }

    /// Writes down what has changed, and tells those who can repair it.
    /// - Parameter isKnown: Whether Slack has taken the token: without its word no refusal of it is over.
    private func record(isKnown: Bool) async {
        let (troubles, now) = (connection.all, clock.now())
        do {
            let (new, over) = try await store.transaction(.work) { tx in
                let known = try tx.facts(prefix: SlackTrouble.prefix)
                var new: [SlackTrouble] = []
                for (name, trouble) in troubles where known[SlackTrouble.fact(name)] == nil {
                    try tx.setFact(SlackTrouble.fact(name), try trouble.text)
                    try tx.appendAudit(audit("slack_refused", trouble, isOver: false, now))
                    new.append(trouble)
                    // What is about the channel itself, or about everything, cannot be said there.
                    if name != SlackTrouble.token, name != SlackTrouble.channel(notifyChannel ?? "") {
                        try say(texts.slackRefuses(name, trouble), in: tx, now)
                    }
                }
                var over: [SlackTrouble] = []
                for (fact, text) in known where troubles[String(fact.dropFirst(SlackTrouble.prefix.count))] == nil {
                    if fact == SlackTrouble.fact(SlackTrouble.token), !isKnown { continue }
                    try tx.setFact(fact, nil)
                    guard let trouble = SlackTrouble(text: text) else { continue }
                    over.append(trouble)
                    try tx.appendAudit(audit("slack_accepted", trouble, isOver: true, now))
                    if fact == SlackTrouble.fact(SlackTrouble.token) {
                        try say(texts.slackAccepts(since: trouble.since), in: tx, now)
                    }
                }
                return (new, over)
            }
            for trouble in new { tell(trouble) }
            for trouble in over {
                logger.notice("Slack refuses this no longer", metadata: ["error": "\(trouble.detail)"])
            }
        } catch {
            logger.error("what Slack refuses could not be written down", metadata: ["error": "\(error)"])
        }
    }

    private func say(_ message: Message, in tx: any StoreTransaction, _ now: Timestamp) throws {
        guard let notifyChannel else { return }
        _ = try tx.addToOutbox(
            OutboxMessage(
                lane: notifyChannel,
                address: .post(channel: notifyChannel),
                payload: message.payload,
                notBefore: now,
                createdAt: now
            )
        )
    }

    private func audit(_ action: String, _ trouble: SlackTrouble, isOver: Bool, _ now: Timestamp) -> AuditRecord {
        AuditRecord(
            at: now,
            run: nil,
            target: "slack",
            member: nil,
            key: nil,
            action: action,
            actor: "slack",
            reason: trouble.code,
            outcome: isOver ? "applied" : "failed",
            code: isOver ? nil : trouble.code,
            detail: trouble.detail
        )
    }
}
