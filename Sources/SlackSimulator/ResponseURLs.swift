// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import JSON
import Synchronization

/// The `response_url`s that were handed out, each good for five posts within thirty minutes.
final class ResponseURLs: Sendable {
    static let uses = 5
    static let lifetime = 30 * 60

    /// What a URL speaks about.
    struct Origin: Sendable, Hashable {
        let person: String
        let channel: String
        /// The message that was clicked; a typed command has none.
        let messageTS: String?
    }

    private struct Entry {
        let origin: Origin
        let issued: Int
        var used = 0
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let surroundings: Surroundings

    init(surroundings: Surroundings) { self.surroundings = surroundings }

    /// A new URL's opaque part.
    func issue(_ origin: Origin) throws -> String {
        let name = try surroundings.name(bytes: 16)
        let now = surroundings.seconds
        entries.withLock { entries in
            entries[name] = Entry(origin: origin, issued: now)
            // Long dead ones are forgotten; a dead one answers the same as one never issued only after a day.
            entries = entries.filter { now - $0.value.issued < 86_400 }
        }
        return name
    }

    /// Takes one use.
    /// - Returns: What the URL speaks about, or why it no longer does.
    func take(_ name: String) -> Result<Origin, Refusal> {
        let now = surroundings.seconds
        return entries.withLock { entries in
            guard var entry = entries[name] else { return .failure(.unknown) }
            guard now - entry.issued <= Self.lifetime else { return .failure(.expired) }
            guard entry.used < Self.uses else { return .failure(.used) }
            entry.used += 1
            entries[name] = entry
            return .success(entry.origin)
        }
    }

    /// Why a URL is refused.
    enum Refusal: Error, Hashable {
        case unknown
        case expired
        case used

        var response: EdgeResponse {
            switch self {
            case .unknown: .json(["ok": false, "error": "no_such_url"], .notFound)
            case .expired: .text("Expired url", .notFound)
            case .used: .json(["ok": false, "error": "used_url"], .notFound)
            }
        }
    }
}
