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
                repeats: RepeatStyle(rawValue: repeats.rawValue) ?? .edit
            )
        }
    }
}

extension SlackIMConfiguration {
    /// Keys that are set and that this version does nothing about: said at the start rather than found out later.
    var notYet: [String] {
        var keys: [String] = []
        if !github.isEmpty { keys.append("github") }
        if errorSources.contains(where: { $0.project != nil }) { keys.append("errors.sources.project") }
        return keys
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
            sources: configuration.errorSources.map(\.name)
        )
    }
}
