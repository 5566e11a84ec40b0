// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Bot
import JSON
import Jobs
import Logging
import Provisioning
import Store
import Synchronization
import TestSupport
import Time
import Work

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A person of the workspace.
func person(_ number: Int, name: String? = nil) -> Member {
    var member = Member(id: MemberID("U\(number)"))
    member.email = "u\(number)@example.com"
    member.realName = name ?? "Person \(number)"
    member.isEmailConfirmed = true
    member.updated = 1
    return member
}

func people(_ numbers: ClosedRange<Int>) -> [Member] { numbers.map { person($0) } }

extension Target {
    /// A target whose accounts have a key, a name and a password.
    static func sample(_ edit: (inout Target) -> Void = { _ in }) throws -> Target {
        var target = Target(
            name: "dev",
            template: try AccountTemplate(
                ["userId": "{{email_local}}", "name": "{{real_name}}", "password": "{{password}}"],
                key: nil
            )
        )
        edit(&target)
        return target
    }
}

/// A target in memory where somebody can step in before or after an operation.
final class SteppedTarget: AccountTarget {
    typealias Step = @Sendable () async -> Void

    let base: FakeTarget
    private let before = Mutex<[FakeTarget.Operation: Step]>([:])
    private let after = Mutex<[FakeTarget.Operation: Step]>([:])

    init(_ base: FakeTarget) { self.base = base }

    var operations: TargetOperations { base.operations }

    /// Carried out once, before the next such operation.
    func before(_ operation: FakeTarget.Operation, _ step: @escaping Step) { before.withLock { $0[operation] = step } }
    /// Carried out once, after the next such operation that succeeds, before its answer arrives.
    func after(_ operation: FakeTarget.Operation, _ step: @escaping Step) { after.withLock { $0[operation] = step } }

    private func stepped<Value: Sendable>(
        _ operation: FakeTarget.Operation,
        _ body: () async throws(TargetError) -> Value
    ) async throws(TargetError) -> Value {
        await before.withLock { $0.removeValue(forKey: operation) }?()
        let value = try await body()
        await after.withLock { $0.removeValue(forKey: operation) }?()
        return value
    }

    func list() async throws(TargetError) -> PackedList<ObservedAccount> {
        try await stepped(.list) { () async throws(TargetError) in try await base.list() }
    }

    func find(_ key: AccountKey) async throws(TargetError) -> ObservedAccount? {
        try await stepped(.find) { () async throws(TargetError) in try await base.find(key) }
    }

    func create(_ key: AccountKey, member: MemberID, body: JSONValue) async throws(TargetError) -> CreateOutcome {
        try await stepped(.create) { () async throws(TargetError) in
            try await base.create(key, member: member, body: body)
        }
    }

    func update(_ key: AccountKey, observed: ObservedAccount?, to desired: JSONValue) async throws(TargetError) {
        try await stepped(.update) { () async throws(TargetError) in
            try await base.update(key, observed: observed, to: desired)
        }
    }

    func disable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        try await stepped(.disable) { () async throws(TargetError) in try await base.disable(key, observed: observed) }
    }

    func enable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        try await stepped(.enable) { () async throws(TargetError) in try await base.enable(key, observed: observed) }
    }

    func delete(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        try await stepped(.delete) { () async throws(TargetError) in try await base.delete(key, observed: observed) }
    }
}

/// A workspace, a target and everything between them.
struct Bench: Sendable {
    let store: FailingStore
    let clock: ManualClock
    let source: FakeMemberSource
    let fake: FakeTarget
    let target: SteppedTarget
    let rules: Target
    let reconciler: Reconciler

    static func with<Result>(
        _ members: [Member] = [],
        floor: Double = 0.5,
        rules: Target? = nil,
        _ body: (Bench) async throws -> Result
    ) async throws -> Result {
        try await TemporaryStore.with { base in
            let rules = try rules ?? .sample()
            let clock = ManualClock()
            let source = FakeMemberSource(members, now: { clock.now })
            let fake = FakeTarget(operations: rules.operations)
            let target = SteppedTarget(fake)
            let store = FailingStore(base)
            let reconciler = Reconciler(
                store: store,
                source: source,
                targets: [ConnectedTarget(rules: rules, connector: target)],
                passwords: try InitialPassword(key: Array(repeating: 7, count: 32)),
                operatorGroups: [],
                floor: floor,
                clock: clock.wallClock,
                logger: quiet
            )
            return try await body(
                Bench(
                    store: store, clock: clock, source: source, fake: fake, target: target, rules: rules,
                    reconciler: reconciler
                )
            )
        }
    }

    /// A full run, a second after whatever came before.
    @discardableResult
    func run(planOnly: Bool = false, approval: String? = nil, joins: Bool = true) async throws -> RunReport {
        clock.advance(by: .seconds(1))
        return try await reconciler.run(
            rules.name,
            trigger: .cli,
            actor: "cli",
            requestedAt: clock.now,
            planOnly: planOnly,
            approval: approval,
            joins: joins
        )
    }

    /// A run, and one that comes while the first one is at a step.
    /// - Parameters:
    ///   - approval: Of the first one.
    ///   - joins: Whether the second one may.
    ///   - put: Has the step carried out.
    ///   - meanwhile: Happens before the first one goes on.
    func twoRuns(
        approval: String? = nil,
        joins: Bool = true,
        _ put: (@escaping SteppedTarget.Step) -> Void,
        meanwhile: () async -> Void = {}
    ) async throws -> (first: RunReport, second: RunReport) {
        let (entered, gate) = (Gate(), Gate())
        put {
            entered.open()
            await gate.pass()
        }
        async let first = run(approval: approval)
        await entered.pass()
        let second = Task.immediate { try await run(joins: joins) }
        // Through the same actor, and so behind the second.
        _ = try await reconciler.run("none", trigger: .cli, actor: "cli", requestedAt: clock.now)
        await meanwhile()
        gate.open()
        return (try await first, try await second.value)
    }

    /// One member's sync, a second after whatever came before.
    @discardableResult
    func sync(_ member: MemberID) async throws -> MemberOutcome? {
        clock.advance(by: .seconds(1))
        return try await reconciler.sync(member, on: [rules.name], trigger: .event, actor: "team_join").first
    }

    /// What an event does to the mirror, a second after whatever came before.
    func event(_ member: Member) async throws {
        source.put(member)
        clock.advance(by: .seconds(1))
        let now = clock.now
        _ = try await store.transaction(.work) { try $0.saveMember(member, at: now) }
    }

    /// Calls that change something on the target.
    var writes: [FakeTarget.Call] {
        get async { await fake.calls.filter { $0.operation != .list && $0.operation != .find } }
    }

    func writes(_ operation: FakeTarget.Operation) async -> [AccountKey] {
        await fake.calls.filter { $0.operation == operation }.compactMap(\.key)
    }

    func link(_ member: MemberID) async throws -> Link? {
        let name = rules.name
        return try await store.read { try $0.link(target: name, member: member) }
    }

    func keys() async -> [String] { await fake.objects.compactMap { $0["userId"]?.string }.sorted() }
}

/// Opens once; who comes before waits.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
