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
        await lock(target, member)
        defer { unlock(target, member) }
        return try await body()
    }

    /// Takes the account, to be given back with ``unlock(_:_:)``; waits its turn in order.
    ///
    /// Whoever has an account must not wait for another one: two could wait for each other.
    func lock(_ target: TargetName, _ member: MemberID) async {
        if tryLock(target, member) { return }
        let account = Account(target: target, member: member)
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

    /// Takes the account if nobody has it.
    /// - Returns: Whether it is to be given back with ``unlock(_:_:)``.
    func tryLock(_ target: TargetName, _ member: MemberID) -> Bool {
        let account = Account(target: target, member: member)
        return waiting.withLock { waiting in
            guard waiting[account] == nil else { return false }
            waiting[account] = []
            return true
        }
    }

    func unlock(_ target: TargetName, _ member: MemberID) {
        let account = Account(target: target, member: member)
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
