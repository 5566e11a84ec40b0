// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Alerts
import Signing
import Slack
package import Store
package import Time

/// slack-im's own errors: taken in, counted and said like those of any application, but never by a key.
extension ErrorIntake {
    /// The name of the source that they are of.
    package static let ownName = "slack-im"

    /// Their source when the configuration names none: said in the operators' channel.
    package static func ownSource(channel: String, language: Language) -> AlertSource {
        AlertSource(
            name: ownName, keys: [], channel: channel, title: Texts(language: language).ownTitle, repeats: .edit)
    }

    /// Whether there is somebody to tell.
    package var tellsOwnErrors: Bool { own != nil }

    /// Scrubs and groups one of them; `nil` when there is nobody to tell.
    /// - Throws: `SigningError`.
    package func prepare(_ error: OwnError, release: String, now: Timestamp) throws -> Prepared? {
        guard let own else { return nil }
        let hint = texts.ownHint(isJob: error.facts["job.kind"] != nil)
        let id = Hex.encode(try RandomBytes.generate(16))
        return try prepare(error.report(eventID: id, hint: hint, release: release), from: own, now: now)
    }

    /// Records one of them that happened so many times since it was last recorded.
    ///
    /// Part of the caller's transaction.
    package func record(
        _ prepared: Prepared, times: Int, in store: any StoreTransaction, now: Timestamp
    ) throws {
        let source = prepared.source
        // A commit whose outcome nobody knew is tried again, and counts once.
        guard try !record(prepared, in: store, now: now).isDuplicate, times > 1 else { return }
        var outcome = Ledger.Outcome.folded
        let fingerprint = prepared.fingerprint.description
        // Without a group of its own, a storm or the overflow has counted it.
        if let stored = try store.alertGroup(source: source.name, fingerprint: fingerprint) {
            var group = try AlertGroup(stored: stored)
            group.fold(times - 1, now: now.milliseconds)
            if group.state.isMuted { outcome = .muted }
            _ = try store.saveAlertGroup(try group.stored(id: stored.id))
            try refresh(stored.id, at: now + .seconds(1), in: store, now: now)
        }
        try store.addToLedger(source: source.name, [outcome.rawValue: Int64(times - 1)])
    }
}

extension Texts {
    /// The first line of a card about slack-im itself.
    fileprivate var ownTitle: AlertTitle {
        let words: String = say("slack-im: an error of its own", "slack-im 자체 오류")
        return AlertTitle(fixed: words + " :hammer_and_wrench:")
    }

    /// Where to read on.
    fileprivate func ownHint(isJob: Bool) -> String {
        isJob
            ? say(
                "slack-im jobs list shows the job and what it failed with; jobs retry tries it again.",
                "slack-im jobs list 에서 작업과 실패 원인을 확인하고, jobs retry 로 다시 시도할 수 있습니다.")
            : say("The log of slack-im tells what happened before.", "자세한 내용은 slack-im 로그에 있습니다.")
    }
}
