// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Bot
import JSON
package import Logging
import ServiceLifecycle
package import Slack
package import Store
package import Time

/// Learns at start which workspace and app the token belongs to, and keeps trying while Slack does not answer.
///
/// Until then, and while Slack is away, what the last start learned is used.
package struct WorkspaceConnection: Service {
    private let store: any Store
    private let slack: any SlackWebAPI
    private let home: Home
    private let clock: WallClock
    private let logger: Logger

    package init(store: any Store, slack: any SlackWebAPI, home: Home, clock: WallClock, logger: Logger) {
        self.store = store
        self.slack = slack
        self.home = home
        self.clock = clock
        self.logger = logger
    }

    private static let slowestRetry = Duration.seconds(60)

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var wait = Duration.seconds(1)
            while !Task.isCancelled {
                if await learn() { break }
                try? await clock.sleep(wait)
                wait = min(wait * 2, Self.slowestRetry)
            }
            // A service that returns would end the whole group.
            try? await gracefulShutdown()
        }
    }

    /// - Returns: Whether Slack answered; a refusal is an answer too, and said once.
    private func learn() async -> Bool {
        do throws(WebAPIError) {
            let identity = try await slack.call(.authTest, [:])
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
                return false
            case .giveUp, .needsOperator, .unreachableChannel:
                logger.error("Slack refuses the bot token", metadata: ["error": "\(error.detail)"])
                return true
            }
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
}
