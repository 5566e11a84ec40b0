// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Alerts
package import Store
package import Time

extension ErrorIntake {
    /// Takes in what an SDK says it lost, by reason: one card per source, kept up to date.
    ///
    /// These errors never came in, so the ledger does not know them. Part of the caller's transaction.
    /// - Throws: `SigningError`, or the store's.
    package func recordLosses(
        _ losses: [String: Int],
        from source: AlertSource,
        in store: any StoreTransaction,
        now: Timestamp
    ) throws {
        guard losses.values.contains(where: { $0 > 0 }) else { return }
        let fingerprint = try Fingerprint(named: "losses", source.name)
        let stored = try store.alertGroup(source: source.name, fingerprint: fingerprint.description)
        var group =
            try stored.map { try AlertGroup(stored: $0) }
            ?? AlertGroup(source: source.name, fingerprint: fingerprint, now: now.milliseconds)
        _ = group.receive(losses: losses, now: now.milliseconds)
        let id = try stored?.id ?? store.saveAlertGroup(try group.stored(id: 0))
        switch group.decision(style: source.repeats, now: now.milliseconds) {
        case .say(let announcement) where announcement.form == .post:
            try say(announcement, &group, id: id, source: source, in: store, now: now)
        case .say:
            try refresh(id, at: now + .seconds(1), in: store, now: now)
        case .wait(let until):
            try refresh(id, at: Timestamp(milliseconds: until), in: store, now: now)
        case .nothing:
            break
        }
        _ = try store.saveAlertGroup(try group.stored(id: id))
    }
}
