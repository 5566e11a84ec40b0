// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
package import Provisioning
package import Store
package import Time

/// What a run found out about the target as a whole.
package enum TargetHealth: Sendable, Hashable {
    /// It answers, as it did before.
    case fine
    /// It answers again.
    case released(Quarantine)
    /// An ephemeral target that is being made anew: no failure until the moment.
    case notReady(until: Timestamp)
    /// It failed. `isNews` the first time, and when the cause is another one.
    case quarantined(Quarantine, isNews: Bool)
    /// Nothing was found out: the run did not get as far, or was somewhere else.
    case unknown

    package var quarantine: Quarantine? {
        if case .quarantined(let quarantine, _) = self { quarantine } else { nil }
    }
}

extension Reconciler {
    /// How long an ephemeral target may be away while it is being made anew.
    static let redeployment = Duration.seconds(30 * 60)
    static let redeploymentPause = Duration.seconds(30)

    /// Settles what a try says about the target: enters, renews or ends its quarantine, and orders the next try.
    /// - Parameter error: What stopped the try as a whole; `nil` when the target answered.
    func settleHealth(
        of rules: Target,
        _ error: TargetError?,
        in tx: any StoreTransaction
    ) throws -> TargetHealth {
        if let error, !error.stopsLook { return .unknown }
        let now = clock.now()
        let name = rules.name
        let awaySince = "not_ready:\(name)"
        let earlier = try tx.quarantine(of: name)
        guard let error else {
            if try tx.fact(awaySince) != nil { try tx.setFact(awaySince, nil) }
            guard let earlier else { return .fine }
            try tx.setQuarantine(nil, of: name)
            return .released(earlier)
        }

        // Refused credentials do not come of a redeployment.
        if rules.isEphemeral, earlier == nil, error.code != .unauthorized {
            let since = try tx.fact(awaySince).flatMap { Int64($0) }.map(Timestamp.init(milliseconds:)) ?? now
            let until = since + Self.redeployment
            if now < until, since <= now {
                try tx.setFact(awaySince, String(since.milliseconds))
                let order = RetryTargetOrder(target: name)
                let next = min(now + Self.redeploymentPause, until)
                _ = try tx.addJob(try order.job(at: next), at: now)
                return .notReady(until: until)
            }
            try tx.setFact(awaySince, nil)
        }
        var quarantine = Quarantine(
            target: name,
            code: error.code.rawValue,
            detail: error.detail,
            since: earlier?.since ?? now,
            tries: (earlier?.tries ?? 0) + 1,
            nextTry: now
        )
        quarantine.nextTry = now + max(Quarantine.wait(after: quarantine.tries), error.retryAfter ?? .zero)
        try tx.setQuarantine(quarantine, of: name)
        _ = try tx.addJob(try RetryTargetOrder(target: name).job(at: quarantine.nextTry), at: now)
        return .quarantined(quarantine, isNews: earlier?.code != quarantine.code)
    }

    /// When the target is tried next by itself; `nil` when nothing keeps it from being tried now.
    package func nextTry(of target: TargetName) async throws -> Timestamp? {
        let now = clock.now()
        return try await store.read { try $0.quarantine(of: target)?.nextTry }.flatMap { $0 > now ? $0 : nil }
    }
}
