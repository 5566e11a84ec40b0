// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
package import JSON
import Jobs
import Provisioning
import Store
import StoreSQLite
import Time
import Web
import Work

extension LocalOperations {
    package func ask(_ query: Query) async throws -> JSONValue {
        switch query {
        case .status: try await status()
        case .runs(let target, let limit): try await runs(target, limit)
        case .why(let member): try await why(member)
        case .audit(let target, let limit): try await audit(target, limit)
        case .jobs(let state, let limit): try await jobs(state, limit)
        case .retryJob(let id): try await changeJob(id, "cannot be tried again") { try $0.retryJob($1, at: $2) }
        case .discardJob(let id): try await changeJob(id, "cannot be called off") { try $0.cancelJob($1, at: $2) }
        case .pause(let target, let actor): try await setPaused(target, true, actor)
        case .resume(let target, let actor): try await setPaused(target, false, actor)
        case .reject(let plan, let actor): try await reject(plan, actor)
        case .adopt(let target, let members, let actor): try await adopt(target, members, actor)
        case .link(let member, let target, let key, let actor): try await link(member, target, key, actor)
        case .unlink(let member, let target, let key, let actor): try await unlink(member, target, key, actor)
        case .restore(let member, let actor): try await restore(member, actor)
        case .backup(let path): try await backup(path)
        case .testErrors(let source, let seconds): try await testErrors(source, within: .seconds(seconds))
        case .check: try await check()
        }
    }

    private func status() async throws -> JSONValue {
        let now = clock.now()
        let scope = StatusReport.Scope(configuration)
        let report = try await store.read { try StatusReport(scope, in: $0, now: now).json }
        var object = report.object ?? [:]
        object["deliveries"] = .object(
            JSONObject(counters.all.sorted { $0.key < $1.key }.map { ($0.key, JSONValue($0.value)) })
        )
        if let certificate {
            let end = certificate.end
            object["certificate"] = [
                "valid_until": JSONValue(end?.description), "expired": .bool(end.map { $0 <= now } ?? false),
                "refused": certificate.refusal.map { refusal in
                    [
                        "code": .string(refusal.code), "detail": .string(refusal.detail),
                        "at": .string(refusal.at.description),
                    ]
                } ?? .null,
            ]
        }
        return .object(object)
    }

    /// A configured target by name.
    func target(_ name: String) throws -> TargetName {
        let known = configuration.targets.map(\.name)
        guard known.contains(TargetName(name)) else {
            let list = known.map(\.rawValue).joined(separator: ", ")
            throw UsageError("there is no target \"\(name)\"; the configuration has: \(list.isEmpty ? "none" : list)")
        }
        return TargetName(name)
    }

    // MARK: History

    private func runs(_ name: String?, _ limit: Int) async throws -> JSONValue {
        let target = try name.map(target)
        let runs = try await store.read { try $0.runs(target: target, limit: limit) }
        return ["version": 1, "runs": .array(runs.map(\.json))]
    }

    private func audit(_ name: String?, _ limit: Int) async throws -> JSONValue {
        // Also of targets that are no longer configured.
        let target = name.map { TargetName($0) }
        let records = try await store.read { try $0.audit(target: target, member: nil, limit: limit) }
        // One without a single record is misspelt rather than forgotten.
        if let name, records.isEmpty, name != "slack" { _ = try self.target(name) }
        return ["version": 1, "records": .array(records.map(\.json))]
    }

    // MARK: Why

    private func why(_ text: String) async throws -> JSONValue {
        let id: MemberID
        do {
            id = try await known(text)
        } catch let error as SourceError {
            throw UsageError("\"\(text)\" is not in the mirror, and Slack could not be asked: \(error.detail)")
        }
        guard let explanation = try await reconciler.explain(id) else {
            throw UsageError("the workspace has no member \"\(text)\"")
        }
        return explanation.json
    }

    /// The member in the mirror, or else as Slack knows them now.
    func known(_ text: String) async throws -> MemberID {
        let members = try await store.read { try $0.members() }
        let lower = text.lowercased()
        if let member = members.first(where: { $0.id.rawValue == text || $0.email?.lowercased() == lower }) {
            return member.id
        }
        return try await find(text)
    }

    // MARK: Jobs

    private func jobs(_ word: String?, _ limit: Int) async throws -> JSONValue {
        let state = try word.map { word in
            guard let state = JobState(rawValue: word) else {
                let known = JobState.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("there is no state \"\(word)\"; there are: \(known)")
            }
            return state
        }
        let jobs = try await store.read { tx in
            if let state { return try tx.jobs(in: state, limit: limit) }
            return try [JobState.running, .available, .scheduled, .discarded].flatMap {
                try tx.jobs(in: $0, limit: limit)
            }
        }
        return ["version": 1, "jobs": .array(jobs.map(\.json))]
    }

    private func changeJob(
        _ id: Int64,
        _ refusal: String,
        _ change: @escaping @Sendable (any StoreTransaction, Int64, Timestamp) throws -> Bool
    ) async throws -> JSONValue {
        let now = clock.now()
        guard try await store.transaction(.work, { try change($0, id, now) }) else {
            throw UsageError("job \(id) does not exist, or \(refusal) in the state that it is in")
        }
        return ["version": 1, "job": JSONValue(Int(id))]
    }

    // MARK: Files

    private func backup(_ path: String) async throws -> JSONValue {
        guard let database = store as? SQLiteStore else { throw UsageError("this database cannot be copied so") }
        do {
            try await database.backup(to: path)
        } catch let error as StoreError {
            throw UsageError(error.detail)
        }
        return ["version": 1, "path": .string(path)]
    }
}

extension Job {
    fileprivate var json: JSONValue {
        [
            "id": JSONValue(Int(id)), "kind": .string(kind), "state": .string(state.rawValue),
            "attempt": JSONValue(attempt), "run_at": .string(runAt.description),
            "created_at": .string(createdAt.description),
            "failures": .array(
                failures.map { failure in
                    [
                        "at": .string(failure.at.description), "attempt": JSONValue(failure.attempt),
                        "code": .string(failure.code), "detail": .string(failure.detail),
                    ]
                }
            ),
        ]
    }
}
