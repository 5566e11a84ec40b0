// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Jobs
package import Provisioning
package import Store
package import Time

/// Work that a delivery asks for: the arguments of one kind of job.
package protocol Order: Codable, Sendable {
    /// Stable name of the kind; stored.
    static var kind: String { get }
    static var queue: JobQueue { get }
    /// Jobs that are not final and have the same key count as one.
    var uniqueKey: String? { get }
    /// Jobs with the same key never run together.
    var exclusionKey: String? { get }
    /// The order as JSON text.
    func arguments() throws -> String
}

extension Order {
    package static var queue: JobQueue { .prompt }
    package var uniqueKey: String? { nil }
    package var exclusionKey: String? { nil }

    package func arguments() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The order as a job.
    package func job(at runAt: Timestamp) throws -> NewJob {
        NewJob(
            kind: Self.kind,
            arguments: try arguments(),
            queue: Self.queue,
            runAt: runAt,
            uniqueKey: uniqueKey,
            exclusionKey: exclusionKey
        )
    }

    /// The order of a stored job.
    /// - Throws: `JobArgumentsError`.
    package init(_ job: Job) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(job.arguments.utf8))
        } catch {
            throw JobArgumentsError("the arguments of a \(Self.kind) job cannot be read")
        }
    }
}

/// Where the answer to a person goes.
package struct ReplyAddress: Codable, Sendable, Hashable {
    /// How long a `response_url` is relied on: Slack's 30 minutes and a margin.
    package static let lifetime = Duration.seconds(29 * 60)

    package var responseURL: String?
    /// Until when the URL works.
    package var until: Timestamp
    package var channel: ChannelID
    package var user: MemberID
    package var language: Language

    package init(responseURL: String?, until: Timestamp, channel: ChannelID, user: MemberID, language: Language) {
        self.responseURL = responseURL
        self.until = until
        self.channel = channel
        self.user = user
        self.language = language
    }
}

/// A verb that needs rights or the network: rights are read afresh, then it is carried out.
package struct CommandOrder: Order {
    package static let kind = "command"

    package enum Request: Codable, Sendable, Hashable {
        /// `nil` means every target.
        case sync(target: TargetName?)
        case plan(target: TargetName?)
        case syncMember(MemberID)
        case pause(target: TargetName)
        case resume(target: TargetName)
        case why(MemberID)
        case password(target: TargetName)
        case adopt(target: TargetName)
        case link(member: MemberID, target: TargetName, key: AccountKey?)
        case unlink(member: MemberID, target: TargetName, key: AccountKey?)
        case restore(MemberID)

        /// Who may ask; about themselves everybody may.
        package func audience(of caller: MemberID) -> ActionRequest.Audience {
            switch self {
            case .sync, .plan, .syncMember, .pause, .resume, .adopt, .link, .unlink, .restore: .operators
            case .why(let member): member == caller ? .members : .operators
            case .password: .members
            }
        }
    }

    package var request: Request
    package var reply: ReplyAddress

    package init(request: Request, reply: ReplyAddress) {
        self.request = request
        self.reply = reply
    }
}

/// A full reconcile of one target.
package struct SyncTargetOrder: Order {
    package static let kind = "sync_target"
    package static let queue = JobQueue.runs

    package var target: TargetName
    package var trigger: Run.Trigger
    package var actor: String
    /// The held plan that this run applies along.
    package var approval: String?

    /// A run that waits or is going will not do for an approval: it may have looked for approvals already.
    package var uniqueKey: String? { approval.map { "apply:\($0)" } ?? "sync_target:\(target)" }
    package var exclusionKey: String? { "run:\(target)" }

    package init(target: TargetName, trigger: Run.Trigger, actor: String, approval: String? = nil) {
        self.target = target
        self.trigger = trigger
        self.actor = actor
        self.approval = approval
    }
}

/// One member on every target that acts at once.
package struct SyncMemberOrder: Order {
    package static let kind = "sync_member"

    package var member: MemberID
    package var trigger: Run.Trigger
    package var actor: String
    /// Who wants to hear of it.
    package var reply: ReplyAddress?

    /// One at a time: a later order sees what an earlier one did.
    package var exclusionKey: String? { "member:\(member)" }

    package init(member: MemberID, trigger: Run.Trigger, actor: String, reply: ReplyAddress? = nil) {
        self.member = member
        self.trigger = trigger
        self.actor = actor
        self.reply = reply
    }
}

/// Bring an alert group's message up to date.
package struct RefreshAlertOrder: Order {
    package static let kind = "refresh_alert"

    package var group: Int64

    package var uniqueKey: String? { "refresh_alert:\(group)" }

    package init(group: Int64) { self.group = group }
}

/// Bring a storm's message up to date, or to its end.
package struct RefreshStormOrder: Order {
    package static let kind = "refresh_storm"

    package var storm: Int64

    package var uniqueKey: String? { "refresh_storm:\(storm)" }

    package init(storm: Int64) { self.storm = storm }
}
