// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Logging
import Provisioning
import Slack
import Store
import Time

extension OrderHandlers {
    /// A run that gives accounts to more people than these is no arrival: they are told by whoever brings the target.
    private static let mostNewcomers = 25
    /// Accounts that are made at the same time are told together.
    private static let welcomePause = Duration.seconds(3)

    /// Has newcomers told of the accounts that they were given on targets that announce it.
    func welcome(_ outcomes: [ChangeOutcome], on target: TargetName, in tx: any StoreTransaction) throws {
        guard announcing.contains(target) else { return }
        let newcomers = Set(
            outcomes.filter { $0.isApplied && $0.change.kind == .create && $0.change.reason == .joined }
                .map(\.change.member))
        guard newcomers.count <= Self.mostNewcomers else {
            let metadata: Logger.Metadata = ["target": "\(target)", "accounts": "\(newcomers.count)"]
            return logger.notice("nobody is welcomed: too many at once", metadata: metadata)
        }
        let now = clock.now()
        for member in newcomers.sorted() {
            _ = try tx.addJob(try WelcomeOrder(member: member).job(at: now + Self.welcomePause), at: now)
        }
    }

    /// Tells one newcomer which accounts they have, in one direct message that grows with them.
    ///
    /// Passwords are not in it: each is derived when its owner asks.
    func welcome(_ job: Job) async throws -> JobOutcome {
        let order = try WelcomeOrder(job)
        let person = order.member.rawValue
        let name = "welcome:\(person)"
        let now = clock.now()
        try await store.transaction(.work) { tx in
            // Ended first: what is made from now on is told by an order of its own.
            try tx.finishJob(job.id, .completed, runAt: now, now: now)
            let links = try tx.links(member: order.member)
                .filter { announcing.contains($0.target) && $0.state == .active && $0.origin == .created }
                .sorted { $0.target < $1.target }
            guard let member = try tx.member(order.member), !member.isDeleted, !links.isEmpty else { return }
            let told = try tx.fact(name)
            let mark = links.map { "\($0.target)=\($0.key)" }.joined(separator: " ")
            guard mark != told else { return }
            let accounts = links.map { link in
                let address = scope.targets.first { $0.name == link.target }?.address ?? ""
                return (target: link.target, key: link.key, address: Self.site(address))
            }
            let texts = Texts(language: member.locale.map { Language(locale: $0) } ?? language)
            _ = try tx.addToOutbox(
                OutboxMessage(
                    lane: person,
                    address: told == nil ? .post(channel: person) : .update(name: name),
                    payload: texts.welcome(accounts, command: command).payload,
                    name: told == nil ? name : nil,
                    notBefore: now,
                    createdAt: now
                )
            )
            try tx.setFact(name, mark)
        }
        return .completed
    }

    /// The part of an address that people know: scheme and host.
    private static func site(_ address: String) -> String {
        guard let scheme = ["https://", "http://"].first(where: { address.hasPrefix($0) }) else { return "" }
        return scheme + address.dropFirst(scheme.count).prefix { $0 != "/" }
    }
}
