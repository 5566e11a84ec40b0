// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import JSON
import Provisioning
import Store
import Time
import Work

/// The operator's decisions: the same that can be made in Slack.
extension LocalOperations {
    private var decisions: Decisions { Decisions(reconciler: reconciler) }

    /// What has changed is said in Slack, where it stands already.
    func tellSlack(applied: [(plan: String, counts: Run.Counts)] = []) async throws {
        let language = Language(rawValue: configuration.slack.language.rawValue) ?? .english
        let notices = HoldNotices(notifyChannel: configuration.slack.notify, language: language, clock: clock)
        let now = clock.now()
        try await store.transaction(.work) { tx in
            for one in applied { try notices.refresh(in: tx, applied: one) }
            try notices.refresh(in: tx)
            try HomeViewers.refresh(in: tx, at: now)
        }
    }

    /// Carries a decision out; what is in its way is a wrong usage.
    private func deciding<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            let result = try await body()
            try await tellSlack()
            return result
        } catch let error as DecisionError {
            throw UsageError(error.detail)
        } catch let error as SourceError {
            throw UsageError("Slack could not be asked: \(error.detail)")
        } catch let error as TargetError {
            throw UsageError(error.detail)
        }
    }

    func setPaused(_ name: String, _ isPaused: Bool, _ actor: String) async throws -> JSONValue {
        let target = try target(name)
        try await deciding { try await decisions.setPaused(isPaused, target, actor: actor) }
        return ["version": 1, "target": .string(target.rawValue), "paused": .bool(isPaused)]
    }

    func reject(_ plan: String, _ actor: String) async throws -> JSONValue {
        let hold = try await deciding { try await decisions.reject(plan, by: actor) }
        return ["version": 1, "plan": .string(hold.id), "state": .string(hold.state.rawValue)]
    }

    func adopt(_ name: String, _ people: [String], _ actor: String) async throws -> JSONValue {
        let target = try target(name)
        let report = try await deciding {
            var members: Set<MemberID>?
            for person in people { members = (members ?? []).union([try await known(person)]) }
            return try await decisions.adopt(on: target, members: members, trigger: .cli, actor: actor)
        }
        return ["version": 1, "exit": JSONValue(report.run.exit), "run": report.json()]
    }

    func link(_ person: String, _ name: String, _ key: String?, _ actor: String) async throws -> JSONValue {
        let target = try target(name)
        let link = try await deciding {
            let member = try await known(person)
            return try await decisions.link(member, to: target, key: key.map { AccountKey($0) }, actor: actor)
        }
        return json(link)
    }

    func unlink(_ person: String, _ name: String, _ key: String?, _ actor: String) async throws -> JSONValue {
        let target = try target(name)
        let link = try await deciding {
            let member = try await known(person)
            return try await decisions.unlink(member, from: target, key: key.map { AccountKey($0) }, actor: actor)
        }
        return json(link)
    }

    private func json(_ link: Link) -> JSONValue {
        [
            "version": 1, "member": .string(link.member.rawValue), "target": .string(link.target.rawValue),
            "key": .string(link.key.rawValue),
        ]
    }

    func restore(_ person: String, _ actor: String) async throws -> JSONValue {
        let results = try await deciding {
            let member = try await known(person)
            return try await decisions.restore(member, trigger: .cli, actor: actor)
        }
        return [
            "version": 1, "exit": JSONValue(ExitCode.worst(results.map(\.exit))),
            "targets": .array(results.map(\.json)),
        ]
    }
}
