// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Connectors
package import JSON
import Provisioning
import Store
import Time
import Web
import Work

/// The operations, carried out in this process.
package struct LocalOperations: Operations {
    let configuration: SlackIMConfiguration
    let store: any Store
    let source: any MemberSource
    let slack: SlackWebAPIClient
    let connection: SlackConnection
    let intake: ErrorIntake
    let errors: ErrorRoutes
    let counters: DeliveryCounters
    let certificate: ServedCertificate?
    let clock: WallClock
    let targets: [ConnectedTarget]
    let reconciler: Reconciler
    private let connections: TargetConnections

    init(
        configuration: SlackIMConfiguration,
        store: any Store,
        source: any MemberSource,
        slack: SlackWebAPIClient,
        reconciler: Reconciler,
        targets: [ConnectedTarget],
        connections: TargetConnections,
        connection: SlackConnection,
        intake: ErrorIntake,
        errors: ErrorRoutes,
        counters: DeliveryCounters,
        certificate: ServedCertificate?,
        clock: WallClock
    ) {
        self.configuration = configuration
        self.store = store
        self.source = source
        self.slack = slack
        self.targets = targets
        self.reconciler = reconciler
        self.connections = connections
        self.connection = connection
        self.intake = intake
        self.errors = errors
        self.counters = counters
        self.certificate = certificate
        self.clock = clock
    }

    package func sync(
        _ request: SyncRequest,
        progress: @escaping @Sendable (SyncProgress) -> Void
    ) async throws -> JSONValue {
        var seen: Set<TargetName> = []
        let names = try await wanted(request).filter { seen.insert($0).inserted }
        if let member = request.member { return try await sync(member: member, on: names, request) }

        let requestedAt = clock.now()
        let reconciler = try relocated(request, names)
        var reports: [RunReport] = []
        try await withThrowingTaskGroup(of: RunReport.self) { group in
            for name in names {
                group.addTask {
                    if let seconds = request.waitReady {
                        let unready = try await reconciler.waitUntilReady(
                            name,
                            for: .seconds(seconds),
                            actor: request.actor,
                            trigger: request.trigger
                        ) { progress(SyncProgress(target: name.rawValue, step: $0)) }
                        if let unready { return unready }
                    }
                    return try await reconciler.run(
                        name,
                        trigger: request.trigger,
                        actor: request.actor,
                        requestedAt: request.waitReady == nil ? requestedAt : clock.now(),
                        planOnly: request.planOnly,
                        approval: request.approve,
                        joins: request.url == nil
                    ) { progress(SyncProgress(target: name.rawValue, step: $0)) }
                }
            }
            for try await report in group { reports.append(report) }
        }
        reports.sort { (names.firstIndex(of: $0.run.target) ?? 0) < (names.firstIndex(of: $1.run.target) ?? 0) }
        if !request.planOnly {
            try await tellSlack(applied: reports.compactMap { one in one.usedHold.map { ($0.id, one.run.counts) } })
        }
        return [
            "version": 1,
            "exit": JSONValue(ExitCode.worst(reports.map(\.run.exit))),
            "runs": .array(reports.map { $0.json(most: request.mostChanges) }),
        ]
    }

    // MARK: Whom and where

    private func wanted(_ request: SyncRequest) async throws -> [TargetName] {
        let known = configuration.targets.map(\.name)
        let named = request.targets.map { TargetName($0) }
        if let unknown = named.first(where: { !known.contains($0) }) {
            if unknown.rawValue.contains("://") {
                throw UsageError("an address beside targets is given as --url: slack-im sync TARGET --url \(unknown)")
            }
            _ = try target(unknown.rawValue)
        }
        if let approve = request.approve {
            guard let hold = try await store.read({ try $0.hold(approve) }) else {
                throw UsageError("there is no held plan \"\(approve)\"")
            }
            guard named.isEmpty || named.contains(hold.target) else {
                throw UsageError(
                    "the plan \"\(approve)\" is not one of \(named.map(\.rawValue).joined(separator: ", "))")
            }
            guard [.pending, .approved, .rejected].contains(hold.state) else {
                let next = hold.replacedBy.map { ": look at \($0) instead" } ?? ""
                throw UsageError("the plan \"\(approve)\" was \(hold.state.rawValue) already\(next)")
            }
            // A rejection does not expire, and neither does changing one's mind: the run looks anew in any case.
            guard hold.state == .rejected || hold.expiresAt > clock.now() else {
                throw UsageError("the plan \"\(approve)\" has expired: the next run makes a new one")
            }
            return [hold.target]
        }
        if !named.isEmpty { return named }
        // An address says which one is meant where there is only one: that is naming it.
        if request.url != nil, known.count == 1 { return known }
        return try await store.read { tx in
            try known.filter { try tx.fact(PausedTargets.fact($0)) == nil }
        }
    }

    private func relocated(_ request: SyncRequest, _ names: [TargetName]) throws -> Reconciler {
        guard let url = request.url else { return reconciler }
        guard names.count == 1, let target = configuration.targets.first(where: { $0.name == names[0] }) else {
            throw UsageError("a URL needs exactly one target: slack-im sync TARGET --url \(url)")
        }
        do {
            return reconciler.replacing(try connections.connect(try target.relocated(to: url)))
        } catch let error as TargetConfiguration.RelocationError {
            throw UsageError(error.description)
        }
    }

    // MARK: One member

    private func sync(member text: String, on names: [TargetName], _ request: SyncRequest) async throws -> JSONValue {
        do {
            let member = try await find(text)
            let results = try await reconciler.sync(
                member,
                on: names,
                trigger: request.trigger,
                actor: request.actor,
                planOnly: request.planOnly
            )
            return [
                "version": 1,
                "exit": JSONValue(ExitCode.worst(results.map(\.exit))),
                "member": .string(member.rawValue),
                "targets": .array(results.map(\.json)),
            ]
        } catch let error as SourceError {
            return [
                "version": 1,
                "exit": JSONValue(ExitCode.sourceIncomplete),
                "error": ["code": .string(error.code.rawValue), "detail": .string(error.detail)],
            ]
        }
    }

    /// A member by id, read afresh, or by address, from the mirror or else from a fresh list.
    func find(_ text: String) async throws -> MemberID {
        let now = clock.now()
        guard text.contains("@") else {
            guard let member = try await source.member(MemberID(text)) else {
                throw UsageError("the workspace has no member \"\(text)\"")
            }
            _ = try await store.transaction(.work) { try $0.saveMember(member, at: now) }
            return member.id
        }
        let members = try await source.snapshot(channels: [], userGroups: []).members
        let matching = members.filter { $0.email?.lowercased() == text.lowercased() }
        guard let member = matching.first(where: { !$0.isDeleted }) ?? matching.first else {
            throw UsageError("nobody in the workspace has the address \"\(text)\"")
        }
        _ = try await store.transaction(.work) { try $0.saveMember(member, at: now) }
        return member.id
    }
}

extension MemberOutcome {
    var exit: Int {
        if let error { return error.stopsLook ? ExitCode.targetUnreachable : ExitCode.someFailed }
        if hold != nil { return ExitCode.held }
        if let shown { return shown.isEmpty ? ExitCode.done : ExitCode.pending }
        return outcomes.contains { $0.error != nil } ? ExitCode.someFailed : ExitCode.done
    }

    var json: JSONValue {
        [
            "target": .string(target.rawValue),
            "exit": JSONValue(exit),
            "plan_only": .bool(shown != nil),
            "changes": .array(
                shown?.map(\.json)
                    ?? outcomes.filter { $0.finding == nil }.map { outcome in
                        var change = outcome.change.json.object ?? [:]
                        change["outcome"] = .string(outcome.isApplied ? "applied" : "failed")
                        if let error = outcome.error { change["error"] = error.json }
                        return .object(change)
                    }
            ),
            "findings": .array(findings.map(\.json)),
            "hold": hold.map { .string($0.id) } ?? .null,
            "error": error?.json ?? .null,
        ]
    }
}

extension TargetError {
    fileprivate var json: JSONValue { ["code": .string(code.rawValue), "detail": .string(detail)] }
}
