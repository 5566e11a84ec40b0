// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import JSON
package import Provisioning
package import Time

/// A target that failed as a whole, and is therefore tried by itself ever more rarely.
///
/// A person's own sync tries at once all the same; the first run that gets through releases it.
package struct Quarantine: Sendable, Hashable, Codable {
    package var target: TargetName
    /// Stable code of what is wrong; a new one is news.
    package var code: String
    /// Safe to show.
    package var detail: String
    package var since: Timestamp
    package var tries: Int
    package var nextTry: Timestamp

    package init(
        target: TargetName,
        code: String,
        detail: String,
        since: Timestamp,
        tries: Int,
        nextTry: Timestamp
    ) {
        self.target = target
        self.code = code
        self.detail = detail
        self.since = since
        self.tries = tries
        self.nextTry = nextTry
    }

    private static let firstWait = Duration.seconds(60)
    private static let longestWait = Duration.seconds(6 * 3600)

    /// How long to wait after so many tries: a minute, then twice as long each time, up to six hours.
    package static func wait(after tries: Int) -> Duration {
        min(firstWait * (1 << min(max(tries - 1, 0), 16)), longestWait)
    }

    package var json: JSONValue {
        [
            "code": .string(code), "detail": .string(detail), "since": .string(since.description),
            "tries": JSONValue(tries), "next_try": .string(nextTry.description),
        ]
    }
}

extension FactTable {
    /// The target's quarantine; `nil` when it is in none.
    package func quarantine(of target: TargetName) throws -> Quarantine? {
        guard let text = try fact("quarantine:\(target)") else { return nil }
        return try? JSONDecoder().decode(Quarantine.self, from: Data(text.utf8))
    }

    package func setQuarantine(_ quarantine: Quarantine?, of target: TargetName) throws {
        let text = try quarantine.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        try setFact("quarantine:\(target)", text)
    }
}
