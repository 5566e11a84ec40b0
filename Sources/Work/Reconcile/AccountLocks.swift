// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning

/// One hand at a time on each account: a member's sync and a full run may overlap, but never on the same account.
actor AccountLocks {
    private struct Account: Hashable {
        let target: TargetName
        let member: MemberID
    }

    private var waiting: [Account: [CheckedContinuation<Void, Never>]] = [:]

    /// Runs the body while nobody else works on the member's account at the target.
    ///
    /// Waits its turn in order.
    nonisolated func withLock<Value: Sendable>(
        _ target: TargetName,
        _ member: MemberID,
        _ body: () async throws -> Value
    ) async rethrows -> Value {
        let account = Account(target: target, member: member)
        await lock(account)
        do {
            let value = try await body()
            await unlock(account)
            return value
        } catch {
            await unlock(account)
            throw error
        }
    }

    private func lock(_ account: Account) async {
        guard waiting[account] != nil else {
            waiting[account] = []
            return
        }
        await withCheckedContinuation { waiting[account, default: []].append($0) }
    }

    private func unlock(_ account: Account) {
        guard var queue = waiting[account], !queue.isEmpty else {
            waiting[account] = nil
            return
        }
        let next = queue.removeFirst()
        waiting[account] = queue
        next.resume()
    }
}
