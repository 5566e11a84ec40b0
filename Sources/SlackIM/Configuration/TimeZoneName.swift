// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs

/// Names of time zones, as the IANA database has them.
enum TimeZoneName {
    /// What is wrong with a name, with the one that was meant where it can be guessed; `nil` when nothing is.
    static func problem(in name: String) -> String? {
        guard CivilZone(named: name) == nil else { return nil }
        let known = TimeZone.knownTimeZoneIdentifiers
        // Often only the capitals are wrong, or the region is missing.
        let meant =
            known.first { zone in
                let city = zone.split(separator: "/").last.map(String.init)
                return [zone, city ?? zone].contains { $0.lowercased() == name.lowercased() }
            } ?? Spelling.guess(name, among: known)
        let hint = meant.map { ", did you mean \($0)?" } ?? "; write a name like Asia/Seoul"
        return "there is no time zone \(name.printable)\(hint)"
    }
}
