// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
package import JSON
package import Store
import Synchronization

/// Whether the process should get traffic: not while it starts or drains, nor when the store cannot commit.
///
/// An outage of Slack's or of a target is no reason.
package final class Readiness: Sendable {
    package enum Phase: Sendable { case starting, serving, draining }

    private let phase = Mutex<Phase>(.starting)
    private let store: any Store

    package init(store: any Store) { self.store = store }

    package func enter(_ phase: Phase) {
        self.phase.withLock { $0 = phase }
    }

    func answer() async -> EdgeAnswer {
        let reasons = await reasons()
        return reasons.isEmpty
            ? .json(.ok, ["status": "ready"])
            : .json(.serviceUnavailable, ["status": "not ready", "reasons": .array(reasons)])
    }

    /// Why the process should get no traffic, each with `code` and `detail`; none when it should.
    package func reasons() async -> [JSONValue] {
        var reasons: [JSONValue] = []
        switch phase.withLock({ $0 }) {
        case .starting: reasons.append(["code": "serve.starting", "detail": "starting"])
        case .serving: break
        case .draining: reasons.append(["code": "serve.draining", "detail": "draining"])
        }
        if let error = await store.health() {
            reasons.append(["code": .string(error.code.rawValue), "detail": .string(error.detail)])
        }
        return reasons
    }
}
