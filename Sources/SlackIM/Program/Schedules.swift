// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Provisioning

extension SlackIMConfiguration {
    /// When each target is run, by its name.
    ///
    /// - Throws: ``ProgramError`` with every unknown time zone (`schedule.unknown_timezone`), or else with the
    ///   first expression that is none.
    var schedules: [TargetName: Schedule] {
        get throws {
            let unknown = targets.filter { target in target.timezone.map { CivilZone(named: $0) == nil } ?? false }
            if !unknown.isEmpty {
                let lines = unknown.map { "target \($0.name): \(Self.unknownZone($0.timezone ?? ""))" }
                throw ProgramError("schedule.unknown_timezone", lines.joined(separator: "; "))
            }
            return Dictionary(try targets.map { ($0.name, try $0.plannedSchedule) }) { first, _ in first }
        }
    }

    private static func unknownZone(_ name: String) -> String {
        let known = TimeZone.knownTimeZoneIdentifiers
        // Often only the capitals are wrong, or the region is missing.
        let meant =
            known.first { zone in
                let city = zone.split(separator: "/").last.map(String.init)
                return [zone, city ?? zone].contains { $0.lowercased() == name.lowercased() }
            } ?? Spelling.guess(name, among: known)
        let hint = meant.map { ", did you mean \($0)?" } ?? "; write a name like Asia/Seoul"
        return "there is no time zone \(name)\(hint)"
    }
}

extension TargetConfiguration {
    fileprivate var plannedSchedule: Schedule {
        get throws {
            switch schedule {
            case .never: return .never
            case .everySixHours: return .everySixHours(of: name.rawValue)
            case .cron(let texts):
                let zone = timezone.flatMap { CivilZone(named: $0) } ?? .system
                do throws(CronProblem) {
                    var expressions: [CronExpression] = []
                    for text in texts { expressions.append(try CronExpression(text)) }
                    return .cron(expressions, zone)
                } catch {
                    throw ProgramError(CronProblem.code, "target \(name): \(error)")
                }
            }
        }
    }
}
