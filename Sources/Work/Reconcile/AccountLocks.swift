// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Synchronization

/// One hand at a time on each account: a member's sync and a full run may overlap, but never on the same account.
final class AccountLocks: Sendable {
    private struct Account: Hashable {
        let target: TargetName
        let member: MemberID
    }

    /// Those who wait for an account that is worked on.
    private let waiting = Mutex<[Account: [CheckedContinuation<Void, Never>]]>([:])

    /// Runs the body while nobody else works on the member's account at the target.
    ///
    /// Waits its turn in order.
    func withLock<Value: Sendable>(
        _ target: TargetName,
        _ member: MemberID,
        _ body: () async throws -> Value
    ) async rethrows -> Value {
        let account = Account(target: target, member: member)
        await lock(account)
        do {
            let value = try await body()
            unlock(account)
            return value
        } catch {
            unlock(account)
            throw error
        }
    }

    private func lock(_ account: Account) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                if waiting[account] == nil {
                    waiting[account] = []
                    return true
                }
                waiting[account]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func unlock(_ account: Account) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard let queue = waiting[account], !queue.isEmpty else {
                waiting[account] = nil
                return nil
            }
            return waiting[account]?.removeFirst()
        }
        next?.resume()
    }
}
