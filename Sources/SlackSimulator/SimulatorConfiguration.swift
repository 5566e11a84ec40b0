// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The URLs at which the app takes what Slack sends.
package struct AppURLs: Sendable, Hashable {
    /// Slash commands; `nil` makes every command fail with `dispatch_failed`.
    package var commands: String?
    /// Events; `nil` sends none.
    package var events: String?
    /// Clicks, submissions and shortcuts; `nil` makes each fail.
    package var interactions: String?
    /// Where the options of external selects are asked for; the URL of ``interactions`` when it is `nil`.
    package var options: String?
    /// Request URLs of single commands, instead of ``commands``.
    package var commandURLs: [String: String] = [:]
    /// `POST /errors` of the app, for the page's "raise an error".
    package var errors: String?
    /// The bearer key for ``errors``.
    package var errorsKey: String?

    /// URLs as far as they are known.
    package init(
        commands: String? = nil,
        events: String? = nil,
        interactions: String? = nil,
        errors: String? = nil,
        errorsKey: String? = nil
    ) {
        self.commands = commands
        self.events = events
        self.interactions = interactions
        self.errors = errors
        self.errorsKey = errorsKey
    }

    /// slack-im's own routes below a base URL without a slash at its end.
    package static func slackIM(base: String, errorsKey: String? = nil) -> AppURLs {
        AppURLs(
            commands: base + "/slack/commands",
            events: base + "/slack/events",
            interactions: base + "/slack/interactions",
            errors: base + "/errors",
            errorsKey: errorsKey
        )
    }
}

/// How a simulated workspace is run.
package struct SimulatorConfiguration: Sendable {
    /// The address to listen on; the simulator is meant for loopback only.
    package var host = "127.0.0.1"
    /// The port; 0 takes any free one.
    package var port = 0
    /// The bot token the Web API takes.
    package var token = "xoxb-playground"
    /// The secret deliveries are signed with.
    package var signingSecret = "playground-signing-secret"
    /// Where the app listens; may be set later with ``SlackSimulator/connect(_:)``.
    package var urls = AppURLs()
    /// The app as it is installed: its commands, events, shortcuts and scopes.
    package var app = InstalledApp.slackIM
    /// The pace of the Web API.
    package var rates = RatePolicy()
    /// Whether pages hold fewer items than asked for, which Slack may do at any time.
    package var shortPages = false
    /// `users.list` without a limit answers `limit_required` above so many people.
    package var limitRequiredAbove: Int?
    /// The target systems of the demo accounts service.
    package var systems: [AccountsService.System] = [AccountsService.System(name: "dev")]
    /// Whether the playground's people and channels are put in; without them there are only the bot and USLACKBOT.
    package var seedsPlayground = true
    /// What the owner has said in #general of a seeded playground.
    package var welcome = "Welcome! Type /im below, add a person on the right, or raise an error."
    /// How long Slack waits for an answer, measured from the sending.
    package var acknowledgementLimit = Duration.seconds(3)
    /// How long after each failure an event is sent again.
    package var retryDelays: [Duration] = [.zero, .seconds(60), .seconds(300)]
    /// Event deliveries an hour above which the app gets `app_rate_limited` instead.
    package var eventsAnHour = 30_000
    /// Event attempts an hour below which failing subscriptions are not disabled.
    package var attemptsToDisable = 1_000

    /// The playground's defaults.
    package init() {}
}
