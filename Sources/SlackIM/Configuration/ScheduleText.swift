// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs

/// When a target is reconciled, as the configuration says it; the expressions are checked and kept as text.
package enum ScheduleText: Sendable, Hashable {
    /// The default: every six hours at a minute that stays the same for a target.
    case everySixHours
    /// Only when somebody asks.
    case never
    /// Cron expressions of five fields; the target runs when any of them comes round.
    case cron([String])

    /// What is wrong with a cron expression; `nil` when nothing is.
    static func problem(in expression: String) -> String? {
        do {
            _ = try CronExpression(expression)
            return nil
        } catch {
            return error.description
        }
    }
}
