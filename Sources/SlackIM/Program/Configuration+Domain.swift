// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import Connectors
import Provisioning

extension ErrorSourceConfiguration {
    /// The source as the domain of errors knows it.
    var source: AlertSource {
        get throws {
            AlertSource(
                name: name,
                keys: keys,
                project: project,
                channel: channel,
                statuses: try statuses.map { try StatusMatcher($0.map(\.description)) } ?? .all,
                minLevel: ErrorLevel(named: minLevel) ?? .error,
                title: try title.map { try AlertTitle($0) } ?? .standard,
                repeats: RepeatStyle(rawValue: repeats.rawValue) ?? .edit,
                scrubber: Scrubber(additionalNames: scrub)
            )
        }
    }
}

extension SlackIMConfiguration {
    /// Whether a source of the configuration takes slack-im's own errors.
    fileprivate var ownErrorsHaveSource: Bool { errorSources.contains { $0.name == ErrorIntake.ownName } }
}

extension GitHubConfiguration {
    /// The webhook as the bot knows it.
    var entry: GitHubIntake.Entry {
        get throws { try GitHubIntake.Entry(secrets: secrets, channel: channel, repositories: repositories) }
    }
}

extension StatusReport.Scope {
    init(_ configuration: SlackIMConfiguration) {
        self.init(
            targets: configuration.targets.map { target in
                let kind =
                    switch target.kind {
                    case .rest: "rest"
                    case .scim: "scim"
                    case .file: "file"
                    }
                let address =
                    switch target.kind {
                    case .file(let file): file.path
                    case .rest, .scim: String((target.url ?? "").prefix { $0 != "?" })
                    }
                return Target(
                    name: target.name,
                    kind: kind,
                    address: address,
                    isEphemeral: target.target.isEphemeral,
                    schedule: target.plannedSchedule
                )
            },
            sources: configuration.errorSources.map(\.name),
            ownSource: configuration.ownErrorsHaveSource || configuration.slack.notify == nil
                ? nil : ErrorIntake.ownName
        )
    }
}
