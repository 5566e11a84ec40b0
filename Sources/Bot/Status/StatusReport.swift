// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
package import Jobs
package import Provisioning
package import Store
package import Time

/// The state of everything, as `status` shows it on the command line, in Slack and on the status page.
package struct StatusReport: Sendable {
    /// What the configuration says there is.
    package struct Scope: Sendable {
        package struct Target: Sendable {
            package var name: TargetName
            /// `rest`, `scim` or `file`.
            package var kind: String
            /// Without credentials or query.
            package var address: String
            package var isEphemeral: Bool
            package var schedule: Schedule

            package init(
                name: TargetName,
                kind: String,
                address: String,
                isEphemeral: Bool,
                schedule: Schedule = .never
            ) {
                self.name = name
                self.kind = kind
                self.address = address
                self.isEphemeral = isEphemeral
                self.schedule = schedule
            }
        }

        package var targets: [Target]
        /// Names of the error sources.
        package var sources: [String]
        /// The source of slack-im's own errors, unless it is one of ``sources``; `nil` when nobody is told.
        package var ownSource: String?

        package init(targets: [Target], sources: [String], ownSource: String? = nil) {
            self.targets = targets
            self.sources = sources
            self.ownSource = ownSource
        }

        /// Every source that has groups.
        package var allSources: [String] { sources + [ownSource].compactMap(\.self) }
    }

    package struct TargetStatus: Sendable {
        package var target: Scope.Target
        package var active: Int
        package var disabled: Int
        package var isPaused: Bool
        package var lastRun: Run?
        /// When its schedule comes round; `nil` when it never does, or while the target is paused.
        package var nextRun: Timestamp?
        package var holds: [Hold]
        /// The target failed as a whole and is tried by itself ever more rarely.
        package var quarantine: Quarantine?
    }

    package struct SourceStatus: Sendable {
        package var name: String
        package var ledger: [String: Int64]
        package var openGroups: Int
        /// Errors that its application threw away before they reached us, by its own account.
        package var lostByClient: Int64

        package func count(_ name: String) -> Int64 { ledger[name] ?? 0 }
    }

    package let targets: [TargetStatus]
    package let sources: [SourceStatus]
    /// That of slack-im's own errors, unless it is one of ``sources``.
    package let own: SourceStatus?
    package let members: Int
    package let jobs: [JobState: Int]
    package let outboxPending: Int
    package let outboxOldest: Timestamp?
    /// For how many seconds the oldest message has been waiting; 0 when none is.
    package var outboxLag: Int { outboxOldest.map { Int(max(.zero, now - $0).components.seconds) } ?? 0 }
    /// Targets that have accounts of ours but are no longer configured: left untouched.
    package let forgottenTargets: [TargetName]
    package let workspace: String?
    /// What Slack refuses until a person repairs it, by ``SlackTrouble/token``, a method's name or a channel; in order.
    package let troubles: [(name: String, trouble: SlackTrouble)]
    package let now: Timestamp

    /// ``sources``, and ``own``.
    package var allSources: [SourceStatus] { sources + [own].compactMap(\.self) }

    /// What the ledger counts, in the order that it is shown; `received` is their sum, and what waits for its message
    /// (`waiting`) is in neither until that is out.
    package static let ledgerCounters = ["posted", "folded", "muted", "filtered", "refused"]

    package init(_ scope: Scope, in store: any StoreTransaction, now: Timestamp) throws {
        self.now = now
        let holds = try store.holds(target: nil, state: .pending)
        targets = try scope.targets.map { target in
            let links = try store.links(target: target.name)
            let isPaused = try store.fact(PausedTargets.fact(target.name)) != nil
            return TargetStatus(
                target: target,
                active: links.count { $0.state == .active },
                disabled: links.count { $0.state == .disabled },
                isPaused: isPaused,
                lastRun: try store.runs(target: target.name, limit: 1).first,
                nextRun: isPaused ? nil : target.schedule.next(after: now),
                holds: holds.filter { $0.target == target.name && $0.expiresAt > now },
                quarantine: try store.quarantine(of: target.name)
            )
        }
        let ledgers = try store.ledgers()
        let losses = try store.clientLosses()
        func source(_ name: String) throws -> SourceStatus {
            SourceStatus(
                name: name,
                ledger: ledgers[name] ?? [:],
                openGroups: try store.alertGroups(source: name, states: ["open"], limit: 1000).count,
                lostByClient: losses.filter { $0.source == name }.reduce(0) { $0 + $1.total }
            )
        }
        sources = try scope.sources.map(source)
        own = try scope.ownSource.map(source)
        members = try store.members().count { !$0.isDeleted && !$0.isBot && !$0.isSlackbot }
        jobs = try store.countJobs()
        (outboxPending, outboxOldest) = try store.outboxBacklog()
        let configured = Set(scope.targets.map(\.name))
        forgottenTargets = try store.linkedTargets().filter { !configured.contains($0) }
        workspace = try store.fact("workspace.name")
        troubles = try store.facts(prefix: SlackTrouble.prefix).sorted { $0.key < $1.key }.compactMap { fact in
            SlackTrouble(text: fact.value).map { (String(fact.key.dropFirst(SlackTrouble.prefix.count)), $0) }
        }
    }

    /// `status --format json`.
    package var json: JSONValue {
        [
            "version": 1,
            "workspace": JSONValue(workspace),
            "members": JSONValue(members),
            "slack": [
                "troubles": .array(
                    troubles.map { name, trouble in
                        [
                            "name": .string(name), "code": .string(trouble.code), "detail": .string(trouble.detail),
                            "since": .string(trouble.since.description),
                        ]
                    })
            ],
            "targets": .array(targets.map(\.json)),
            "forgotten_targets": .array(forgottenTargets.map { .string($0.rawValue) }),
            "errors": ["sources": .array(sources.map(\.json)), "own": own?.json ?? .null],
            "queue": .object(
                JSONObject(
                    JobState.allCases.filter { !$0.isFinal || $0 == .discarded }.map {
                        ($0.rawValue, JSONValue(jobs[$0] ?? 0))
                    })
            ),
            "outbox": [
                "pending": JSONValue(outboxPending),
                "oldest": JSONValue(outboxOldest.map(\.description)),
                "lag_seconds": JSONValue(outboxLag),
            ],
        ]
    }
}

/// Targets that a person has paused, as facts of the store.
package enum PausedTargets {
    package static let prefix = "paused:"
    package static func fact(_ target: TargetName) -> String { prefix + target.rawValue }
}

extension StatusReport.TargetStatus {
    fileprivate var json: JSONValue {
        [
            "name": .string(target.name.rawValue),
            "kind": .string(target.kind),
            "url": .string(target.address),
            "ephemeral": .bool(target.isEphemeral),
            "accounts": ["active": JSONValue(active), "disabled": JSONValue(disabled)],
            "paused": .bool(isPaused),
            "quarantine": quarantine?.json ?? .null,
            "last_run": lastRun?.json ?? .null,
            "next_run": JSONValue(nextRun.map(\.description)),
            "schedule": .string(target.schedule.description),
            "holds": .array(
                holds.map { hold in
                    [
                        "plan": .string(hold.id), "changes": JSONValue(hold.changes.count),
                        "expires_at": .string(hold.expiresAt.description),
                    ]
                }
            ),
        ]
    }
}

extension StatusReport.SourceStatus {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["name": .string(name)]
        object["received"] = JSONValue(Int(StatusReport.ledgerCounters.reduce(0) { $0 + count($1) }))
        for counter in StatusReport.ledgerCounters { object[counter] = JSONValue(Int(count(counter))) }
        object["waiting"] = JSONValue(Int(count("waiting")))
        object["open_groups"] = JSONValue(openGroups)
        object["lost_by_client"] = JSONValue(Int(lostByClient))
        return .object(object)
    }
}

extension Run {
    /// A run as `sync`, `status` and `runs` show it.
    package var json: JSONValue {
        [
            "id": JSONValue(Int(id)),
            "target": .string(target.rawValue),
            "trigger": .string(trigger.rawValue),
            "actor": .string(actor),
            "state": .string(state.rawValue),
            "started_at": .string(startedAt.description),
            "finished_at": JSONValue(finishedAt.map(\.description)),
            "counts": counts.json,
            "exit": JSONValue(exit),
            "error": errorCode.map { ["code": .string($0), "detail": JSONValue(errorDetail)] } ?? .null,
            "wipe": .bool(wasWipe),
        ]
    }
}

extension Run.Counts {
    package var json: JSONValue {
        [
            "created": JSONValue(created), "updated": JSONValue(updated), "enabled": JSONValue(enabled),
            "disabled": JSONValue(disabled), "deleted": JSONValue(deleted), "linked": JSONValue(linked),
            "unchanged": JSONValue(unchanged), "skipped": JSONValue(skipped), "undecided": JSONValue(undecided),
            "failed": JSONValue(failed), "held": JSONValue(held),
        ]
    }
}
