// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Something that goes wrong with a Web API method on purpose.
package enum Fault: Sendable, Hashable {
    /// Answers with that HTTP status and body, as Slack's front door does when what is behind it fails.
    case status(Int, String)
    /// Answers 429 with that `Retry-After`.
    case rateLimited(Int)
    /// Answers `ok: false` with that error.
    case error(String)
    /// Answers as usual, so many seconds later.
    case slow(Int)
    /// Never answers.
    case hang
    /// Does the work, then resets the connection: the caller cannot know.
    case resetAfterCommit
}

/// The faults in force, by method name.
package final class FaultTable: Sendable {
    private struct Entry {
        var fault: Fault
        /// How many more calls it strikes; `nil` until it is cleared.
        var remaining: Int?
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// A table without faults.
    package init() {}

    /// The fault of a method, until it is cleared by setting `nil`.
    package subscript(method: String) -> Fault? {
        get { entries.withLock { $0[method]?.fault } }
        set { entries.withLock { $0[method] = newValue.map { Entry(fault: $0, remaining: nil) } } }
    }

    /// Lets the next calls of a method fail, then clears itself.
    package func set(_ fault: Fault, for method: String, calls: Int) {
        entries.withLock { $0[method] = calls > 0 ? Entry(fault: fault, remaining: calls) : nil }
    }

    /// Ends all faults.
    package func clear() { entries.withLock { $0.removeAll() } }

    /// Every fault in force, by method name, with the calls it will still strike.
    var all: [(method: String, fault: Fault, remaining: Int?)] {
        entries.withLock { entries in
            entries.map { ($0.key, $0.value.fault, $0.value.remaining) }.sorted { $0.method < $1.method }
        }
    }

    /// The fault for a call that is being made now, counted.
    func strike(_ method: String) -> Fault? {
        entries.withLock { entries in
            guard var entry = entries[method] else { return nil }
            if let remaining = entry.remaining {
                entry.remaining = remaining - 1
                entries[method] = remaining > 1 ? entry : nil
            }
            return entry.fault
        }
    }
}
