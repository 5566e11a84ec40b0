// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Synchronization

/// A target for the length of one run: so many requests at a time, one until the first has succeeded, and none any more
/// once the target as a whole has failed or the run is stopped.
///
/// A run may so prepare and record more changes than it may send at a time, and a target that refuses our credentials
/// is asked once.
final class GatedTarget: AccountTarget {
    /// What is not sent any more fails so; it says nothing about the account.
    static let notSent = TargetError(.unreachable, "not sent, for the run had stopped")

    private struct State {
        var width = 1
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isShut = false

        mutating func takePlace() -> Bool {
            guard running < width else { return false }
            running += 1
            return true
        }
    }

    private let base: any AccountTarget
    private let width: Int
    private let state = Mutex(State())

    init(_ base: any AccountTarget, width: Int) {
        self.base = base
        self.width = max(width, 1)
    }

    var operations: TargetOperations { base.operations }
    var executor: (any TaskExecutor)? { base.executor }

    private func pass<Value: Sendable>(
        _ body: () async throws(TargetError) -> Value
    ) async throws(TargetError) -> Value {
        await enter()
        guard !state.withLock(\.isShut), !Task.isCancelled else {
            leave(nil)
            throw Self.notSent
        }
        do throws(TargetError) {
            let value = try await body()
            leave(nil)
            return value
        } catch {
            leave(error)
            throw error
        }
    }

    private func enter() async {
        // Most need not wait, and waiting costs.
        if state.withLock({ $0.takePlace() }) { return }
        await withCheckedContinuation { continuation in
            let goes = state.withLock { state in
                if state.takePlace() { return true }
                state.waiting.append(continuation)
                return false
            }
            if goes { continuation.resume() }
        }
    }

    private func leave(_ error: TargetError?) {
        let next = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.running -= 1
            if error?.stopsTarget == true { state.isShut = true }
            // An answer about one account is an answer: the target takes our requests.
            if error?.stopsTarget != true { state.width = width }
            let free = state.isShut ? state.waiting.count : max(state.width - state.running, 0)
            let next = Array(state.waiting.prefix(free))
            state.waiting.removeFirst(next.count)
            state.running += next.count
            return next
        }
        for continuation in next { continuation.resume() }
    }

    func list() async throws(TargetError) -> PackedList<ObservedAccount> {
        try await pass { () async throws(TargetError) in try await base.list() }
    }

    func find(_ key: AccountKey) async throws(TargetError) -> ObservedAccount? {
        try await pass { () async throws(TargetError) in try await base.find(key) }
    }

    func create(_ key: AccountKey, member: MemberID, body: JSONValue) async throws(TargetError) -> CreateOutcome {
        try await pass { () async throws(TargetError) in try await base.create(key, member: member, body: body) }
    }

    func update(_ key: AccountKey, observed: ObservedAccount?, to desired: JSONValue) async throws(TargetError) {
        try await pass { () async throws(TargetError) in try await base.update(key, observed: observed, to: desired) }
    }

    func disable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        try await pass { () async throws(TargetError) in try await base.disable(key, observed: observed) }
    }

    func enable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        try await pass { () async throws(TargetError) in try await base.enable(key, observed: observed) }
    }

    func delete(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        try await pass { () async throws(TargetError) in try await base.delete(key, observed: observed) }
    }
}
