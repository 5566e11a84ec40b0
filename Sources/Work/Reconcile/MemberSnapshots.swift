// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Provisioning
import Store
import Time

/// The workspace's member list, read once for everybody who asked before the reading began, checked against `floor`, and
/// laid into the mirror.
actor MemberSnapshots {
    private let source: any MemberSource
    private let store: any Store
    private let channels: Set<ChannelID>
    private let userGroups: Set<UserGroupID>
    private let targets: [Target]
    /// In `0...1`: a list smaller than this part of the last one is refused.
    private let floor: Double
    private let clock: WallClock

    private var latest: MemberSnapshot?
    private var reading: Task<MemberSnapshot, any Error>?
    /// When that one was begun.
    private var readingSince: Timestamp?
    /// Targets whose runs go by the list that is being read.
    private var served: Set<TargetName> = []
    private var mirroring: Task<Void, any Error>?

    init(
        source: any MemberSource,
        store: any Store,
        channels: Set<ChannelID>,
        userGroups: Set<UserGroupID>,
        targets: [Target],
        floor: Double,
        clock: WallClock
    ) {
        self.source = source
        self.store = store
        self.channels = channels
        self.userGroups = userGroups
        self.targets = targets
        self.floor = floor
        self.clock = clock
    }

    /// A complete list whose reading began at `notBefore` or later.
    ///
    /// It may not be in the mirror yet: see ``mirrored()``.
    /// - Parameter target: Whose full run will go by the list, and so needs none of its own for leavers found by it.
    /// - Throws: `SourceError`, or what the store throws.
    func snapshot(notBefore: Timestamp, for target: TargetName? = nil) async throws -> MemberSnapshot {
        if let latest, latest.takenAt >= notBefore { return latest }
        while let other = reading {
            if let target, let readingSince, readingSince >= notBefore { served.insert(target) }
            let shared = try? await other.value
            // Whoever is first sees to it that nobody waits for a reading that has ended.
            if reading == other { reading = nil }
            if let shared, shared.takenAt >= notBefore { return shared }
        }
        served = target.map { [$0] } ?? []
        readingSince = clock.now()
        let task = Task { try await read() }
        reading = task
        defer { if reading == task { reading = nil } }
        let snapshot = try await task.value
        latest = snapshot
        // The list may be large; it serves the runs of one command and is then let go.
        let clock = clock
        Task {
            try? await clock.sleep(.seconds(30))
            forget(snapshot.takenAt)
        }
        return snapshot
    }

    /// A list for a plan that is only shown: nothing of it is remembered, and nobody is brought up to date for it.
    /// - Throws: As ``snapshot(notBefore:)``.
    func preview(notBefore: Timestamp) async throws -> MemberSnapshot {
        if let latest, latest.takenAt >= notBefore { return latest }
        let snapshot = try await source.snapshot(channels: channels, userGroups: userGroups)
        try await checkFloor(snapshot, isRemembered: false)
        return snapshot
    }

    private func forget(_ takenAt: Timestamp) {
        if latest?.takenAt == takenAt { latest = nil }
    }

    private func read() async throws -> MemberSnapshot {
        if try await store.read({ try $0.fact(Self.membersFact) }) == nil { return try await readFirst() }
        let earlier = mirroring
        let snapshot = try await source.snapshot(channels: channels, userGroups: userGroups)
        try await checkFloor(snapshot)
        let served = served
        mirroring = Task {
            try? await earlier?.value
            try await mirror(snapshot, served: served)
            try await mirrorGroups(snapshot)
        }
        return snapshot
    }

    /// Of a workspace that nobody knew, whoever is read is laid into the mirror at once: there is no earlier list that this
    /// one could fall short of, and at the end it would be waited for.
    private func readFirst() async throws -> MemberSnapshot {
        let earlier = mirroring
        let (read, telling) = AsyncStream.makeStream(of: PackedList<Member>.self)
        let begun = clock.now()
        let saving = Task.detached { [store] in
            for await members in read {
                try await store.transaction(.work) { tx in
                    for member in members { _ = try tx.saveMember(member, at: begun) }
                }
            }
        }
        let snapshot: MemberSnapshot
        do {
            snapshot = try await source.snapshot(channels: channels, userGroups: userGroups) { telling.yield($0) }
            telling.finish()
            try await checkFloor(snapshot)
        } catch {
            telling.finish()
            _ = await saving.result
            throw error
        }
        mirroring = Task {
            try? await earlier?.value
            try await saving.value
            try await mirrorGroups(snapshot)
        }
        return snapshot
    }

    /// Waits until every list that was given is in the mirror: whoever looks at the target meanwhile, and plans, need not
    /// wait, but nothing may be decided or done before.
    /// - Throws: What the store throws.
    func mirrored() async throws {
        do {
            try await mirroring?.value
        } catch {
            latest = nil
            throw error
        }
    }

    // MARK: Floor

    private static let membersFact = "members.count"

    /// Sizes of the listings, by the fact that remembers each.
    ///
    /// Whoever is listed counts, also as deactivated: that is evidence and the guard's business. A short list is none.
    private func sizes(_ snapshot: MemberSnapshot) -> [(fact: String, what: String, count: Int)] {
        let members = snapshot.members
        let people = members.indices.count { !members.head(at: $0, as: Member.Head.self).isBot }
        return [(Self.membersFact, "the member list", people)]
            + snapshot.channels.map { ("channel.count:\($0.key)", "the channel \($0.key)", $0.value.count) }
            + snapshot.userGroups.map { ("user_group.count:\($0.key)", "the user group \($0.key)", $0.value.count) }
    }

    private func checkFloor(_ snapshot: MemberSnapshot, isRemembered: Bool = true) async throws {
        let sizes = sizes(snapshot)
        let last = try await store.read { tx in
            try sizes.map { try tx.fact($0.fact).flatMap { Int($0) } }
        }
        for (size, last) in zip(sizes, last) {
            guard let last, last > 0, Double(size.count) < floor * Double(last) else { continue }
            throw SourceError(
                .belowFloor,
                "\(size.what) holds \(size.count) people, fewer than \(Int((floor * 100).rounded())) % of the \(last) of the last time"
            )
        }
        if sizes[0].count == 0 { throw SourceError(.incomplete, "the member list holds nobody") }
        guard isRemembered else { return }
        try await store.transaction(.work) { tx in
            for size in sizes { try tx.setFact(size.fact, String(size.count)) }
        }
    }

    // MARK: Mirror

    private static let chunk = 500

    /// Whoever is found changed or new is also brought up to date on the other targets: the event that should have said so
    /// was lost, or comes later and will find nothing new.
    ///
    /// Who has left is a full run's business: one by one they would pass the guard that holds them together.
    /// - Parameter served: Targets that have such a run, by this very list.
    private func mirror(_ snapshot: MemberSnapshot, served: Set<TargetName>) async throws {
        let now = clock.now()
        // Most are as they were the last time.
        let digests = try await store.read { try $0.memberDigests() }
        let members = snapshot.members
        var rest = members.indices.filter { place in
            let member = members[place]
            return digests[member.id] != member.digest
        }[...]
        let targets = targets.filter(\.onJoin)
        var isOrdered = false
        while !rest.isEmpty {
            let chunk = rest.prefix(Self.chunk)
            rest = rest.dropFirst(Self.chunk)
            let ordersRuns = !isOrdered
            let hasLeavers = try await store.transaction(.work) { tx in
                var hasLeavers = false
                // As of the moment the reading began: an event that came in meanwhile is newer.
                for place in chunk {
                    let member = members[place]
                    guard try tx.saveMember(member, at: snapshot.takenAt) else { continue }
                    if try Self.isToLose(member, targets, snapshot, in: tx) {
                        hasLeavers = true
                        continue
                    }
                    let order = SyncMemberOrder(member: member.id, trigger: .event, actor: Self.actor)
                    _ = try tx.addJob(try order.job(at: now), at: now)
                }
                guard hasLeavers, ordersRuns else { return hasLeavers }
                for target in targets
                where try !served.contains(target.name) && tx.fact(PausedTargets.fact(target.name)) == nil
                    && tx.quarantine(of: target.name) == nil
                {
                    let order = SyncTargetOrder(target: target.name, trigger: .event, actor: Self.actor)
                    _ = try tx.addJob(try order.job(at: now), at: now)
                }
                return true
            }
            isOrdered = isOrdered || hasLeavers
        }
    }

    private func mirrorGroups(_ snapshot: MemberSnapshot) async throws {
        let groups = snapshot.userGroups
        guard !groups.isEmpty else { return }
        try await store.transaction(.work) { tx in
            for (group, members) in groups { try tx.saveUserGroup(group, members: members, at: snapshot.takenAt) }
        }
    }

    private static let actor = "users.list"

    /// Whether a sync of the member alone would take an account away.
    private static func isToLose(
        _ member: Member,
        _ targets: [Target],
        _ snapshot: MemberSnapshot,
        in tx: any StoreTransaction
    ) throws -> Bool {
        try targets.contains { target in
            guard target.leavers != .keep, case .skipped(let reason) = target.standing(of: member, in: snapshot),
                reason.meansLeft
            else { return false }
            return try tx.link(target: target.name, member: member.id)?.state == .active
        }
    }
}
