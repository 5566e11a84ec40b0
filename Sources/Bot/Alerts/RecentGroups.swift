// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Store
import Synchronization

/// Groups as they were last stored, so that an error that comes again and again is not read anew each time.
///
/// Never asked instead of the store: what is remembered counts only where the store holds the very same text, so that
/// nothing has to be kept in step with transactions that fail or with other writers.
final class RecentGroups: Sendable {
    private struct Entry {
        let body: String
        let group: AlertGroup
    }

    /// Beyond it everything is forgotten: a burst of different errors comes past it, a steady one does not.
    private static let limit = 512

    private let entries = Mutex<[Int64: Entry]>([:])

    /// The group that is stored, without its sample.
    func group(_ stored: StoredAlertGroup) throws -> AlertGroup {
        if let entry = entries.withLock({ $0[stored.id] }), entry.body == stored.body { return entry.group }
        return try AlertGroup(stored: stored)
    }

    func remember(_ group: AlertGroup, as stored: StoredAlertGroup) {
        var group = group
        group.show(nil)
        let entry = Entry(body: stored.body, group: group)
        entries.withLock { entries in
            if entries.count >= Self.limit, entries[stored.id] == nil { entries.removeAll(keepingCapacity: true) }
            entries[stored.id] = entry
        }
    }
}
