// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The `trigger_id`s that were handed out, each good for one view within three seconds.
final class Triggers: Sendable {
    static let lifetime = 3_000_000
    private static let memory = 600_000_000

    /// Who did what a trigger stands for.
    struct Origin: Sendable, Hashable {
        let person: String
        /// The modal it was done in.
        let view: String?
    }

    private struct Entry {
        let origin: Origin
        let issued: Int
        var isUsed = false
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let surroundings: Surroundings

    init(surroundings: Surroundings) { self.surroundings = surroundings }

    /// A new trigger, in Slack's shape.
    func issue(_ origin: Origin) throws -> String {
        let now = surroundings.now()
        let id = "\(now / 1_000).\(now / 1_000_000 % 10_000_000)." + (try surroundings.name(bytes: 16))
        entries.withLock { entries in
            entries[id] = Entry(origin: origin, issued: now)
            entries = entries.filter { now - $0.value.issued < Self.memory }
        }
        return id
    }

    /// Uses a trigger up.
    /// - Throws: WebAPIFailure with Slack's word for why it cannot be used.
    func take(_ id: String) throws(WebAPIFailure) -> Origin {
        let now = surroundings.now()
        let taken: Result<Origin, WebAPIFailure> = entries.withLock { entries in
            guard var entry = entries[id] else { return .failure(WebAPIFailure("invalid_trigger_id")) }
            guard now - entry.issued <= Self.lifetime else { return .failure(WebAPIFailure("expired_trigger_id")) }
            guard !entry.isUsed else { return .failure(WebAPIFailure("exchanged_trigger_id")) }
            entry.isUsed = true
            entries[id] = entry
            return .success(entry.origin)
        }
        return try taken.get()
    }
}
