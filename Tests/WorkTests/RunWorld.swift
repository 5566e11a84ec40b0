// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Store
import Synchronization
import TestSupport
import Time
import Work

/// Numbers that a seed determines.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: Int) {
        state = UInt64(truncatingIfNeeded: seed)
        // Or the stream of one seed would be that of the one before, a number later.
        state = next() &* 0xD6E8_FEB8_6659_FD93
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
    mutating func one<Element>(of elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }
}

/// The life of a process: after so many steps everything in it fails, as when it is killed.
final class Lifeline: Sendable {
    private let steps = Mutex<Int?>(nil)

    func kill(after count: Int?) { steps.withLock { $0 = count } }

    /// - Returns: Whether the process still lives.
    func step() -> Bool {
        steps.withLock { steps in
            guard let left = steps else { return true }
            if left > 0 { steps = left - 1 }
            return left > 0
        }
    }
}

/// The store as a process sees it that may be killed at any commit.
struct MortalStore: Store {
    let base: any Store
    let life: Lifeline

    fileprivate static let dead = StoreError(.closed, "killed")

    func submit(_ submission: any Submission, to lane: StoreLane) {
        guard life.step() else { return submission.tell(Self.dead) }
        base.submit(Mortal(submission: submission, life: life), to: lane)
    }

    private final class Mortal: Submission {
        let submission: any Submission
        let life: Lifeline

        init(submission: any Submission, life: Lifeline) {
            self.submission = submission
            self.life = life
        }

        var messenger: Messenger? { submission.messenger }
        func run(in transaction: any StoreTransaction) throws { try submission.run(in: transaction) }
        func committing() { submission.committing() }
        /// Committed, and killed before anybody hears of it.
        func ended(_ error: (any Error)?) { submission.ended(life.step() ? error : MortalStore.dead) }
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any StoreTransaction) throws -> Result
    ) async throws -> Result {
        guard life.step() else { throw Self.dead }
        return try await base.read(body)
    }

    func changes(of topic: StoreTopic) -> AsyncStream<Void> { base.changes(of: topic) }
    func health() async -> StoreError? { nil }
    func close() async {}
}

/// A target that fails in every way there is, and notes what it is asked to do to whom.
final class ChaoticTarget: AccountTarget {
    private struct State {
        var dice: Dice
        var faults = 0
        var broken: [String] = []
    }

    let base: FakeTarget
    private let life: Lifeline
    private let state: Mutex<State>
    /// Says what is wrong with a write, if anything.
    private let judge: @Sendable (FakeTarget.Operation, AccountKey, JSONValue?) async -> String?

    init(
        _ base: FakeTarget,
        seed: Int,
        life: Lifeline,
        judge: @escaping @Sendable (FakeTarget.Operation, AccountKey, JSONValue?) async -> String?
    ) {
        self.base = base
        self.life = life
        self.judge = judge
        state = Mutex(State(dice: Dice(seed &+ 77)))
    }

    var operations: TargetOperations { base.operations }
    /// Rules that were broken so far.
    var broken: [String] { state.withLock(\.broken) }
    /// How many of a hundred calls fail.
    func setFaults(_ percent: Int) { state.withLock { $0.faults = percent } }

    private func call<Value: Sendable>(
        _ operation: FakeTarget.Operation,
        _ key: AccountKey? = nil,
        _ body: () async throws(TargetError) -> Value
    ) async throws(TargetError) -> Value {
        let dead = TargetError(.uncertain, "killed")
        guard life.step() else { throw dead }
        let (before, after) = state.withLock { state in
            (state.dice.chance(state.faults), state.dice.chance(state.faults / 2))
        }
        if before {
            let code: TargetError.Code = state.withLock { state in
                state.dice.one(of: [.unreachable, .rateLimited, .rejected, .uncertain, .unauthorized])
            }
            throw TargetError(code, "chaos before")
        }
        if let key, operation != .find, let fault = await judge(operation, key, await base.object(key)) {
            state.withLock { $0.broken.append("\(operation.rawValue) \(key): \(fault)") }
        }
        let value = try await body()
        guard life.step() else { throw dead }
        if after {
            throw TargetError(operation == .create ? .uncertain : .unreachable, "chaos after")
        }
        return value
    }

    func list() async throws(TargetError) -> PackedList<ObservedAccount> {
        try await call(.list) { () async throws(TargetError) in try await base.list() }
    }

    func find(_ key: AccountKey) async throws(TargetError) -> ObservedAccount? {
        try await call(.find, key) { () async throws(TargetError) in try await base.find(key) }
    }

    func create(_ key: AccountKey, member: MemberID, body: JSONValue) async throws(TargetError) -> CreateOutcome {
        try await call(.create, key) { () async throws(TargetError) in
            try await base.create(key, member: member, body: body)
        }
    }

    func update(_ key: AccountKey, observed: ObservedAccount?, to desired: JSONValue) async throws(TargetError) {
        try await call(.update, key) { () async throws(TargetError) in
            try await base.update(key, observed: observed, to: desired)
        }
    }

    func disable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        try await call(.disable, key) { () async throws(TargetError) in try await base.disable(key, observed: observed)
        }
    }

    func enable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        try await call(.enable, key) { () async throws(TargetError) in try await base.enable(key, observed: observed) }
    }

    func delete(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        try await call(.delete, key) { () async throws(TargetError) in try await base.delete(key, observed: observed) }
    }
}
