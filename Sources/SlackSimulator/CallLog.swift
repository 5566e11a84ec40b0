// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Synchronization

/// The Web API calls the app made, newest last.
final class CallLog: Sendable {
    /// One call.
    struct Entry: Sendable {
        let number: Int
        let method: String
        let arguments: JSONValue
        /// Milliseconds since 1970, by the workspace's time.
        let at: Int
        let status: Int
        let answer: JSONValue
        let milliseconds: Int

        /// A row for the page.
        var object: JSONValue {
            [
                "number": .init(number), "method": .string(method), "at": .init(at), "status": .init(status),
                "ok": .bool(answer["ok"] == true), "error": answer["error"] ?? .null,
                "milliseconds": .init(milliseconds),
            ]
        }

        /// All of it.
        var detail: JSONValue {
            var object = object.object ?? [:]
            object["arguments"] = arguments
            object["answer"] = answer
            return .object(object)
        }
    }

    private static let limit = 400

    private struct State {
        var next = 1
        var entries: [Entry] = []
    }

    private let state = Mutex(State())
    private let feed: ChangeFeed

    init(feed: ChangeFeed) { self.feed = feed }

    var all: [Entry] { state.withLock { $0.entries } }

    func add(_ make: (Int) -> Entry) {
        state.withLock { state in
            state.entries.append(make(state.next))
            state.next += 1
            if state.entries.count > Self.limit { state.entries.removeFirst(Self.limit / 4) }
        }
        feed.bump()
    }
}
