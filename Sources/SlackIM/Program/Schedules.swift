// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import Provisioning

extension SlackIMConfiguration {
    /// When each target is run, by its name.
    var schedules: [TargetName: Schedule] {
        Dictionary(targets.map { ($0.name, $0.plannedSchedule) }) { first, _ in first }
    }
}

extension TargetConfiguration {
    /// When the target is run.
    ///
    /// Expressions and time zone were checked when the file was read.
    var plannedSchedule: Schedule {
        switch schedule {
        case .never: .never
        case .everySixHours: .everySixHours(of: name.rawValue)
        case .cron(let texts):
            .cron(
                texts.compactMap { try? CronExpression($0) },
                timezone.flatMap { CivilZone(named: $0) } ?? .system
            )
        }
    }
}
