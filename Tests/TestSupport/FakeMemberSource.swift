// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning
import Synchronization
package import Time

/// A workspace's people in memory, behind the port ``MemberSource``.
package final class FakeMemberSource: MemberSource {
    /// One reading that was asked for, whether it succeeded or not.
    package enum Reading: Sendable, Hashable {
        case snapshot
        case member(MemberID)
        case listings
    }

    private struct State {
        var members: [Member]
        var channels: [ChannelID: Set<MemberID>] = [:]
        var userGroups: [UserGroupID: Set<MemberID>] = [:]
        var outage: SourceError?
        var readings: [Reading] = []
        var breakingOff: SourceError?
        var whileReading: (@Sendable () async -> Void)?
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Timestamp

    package init(_ members: [Member] = [], now: @escaping @Sendable () -> Timestamp) {
        state = Mutex(State(members: members))
        self.now = now
    }

    /// Every reading so far, in order.
    package var readings: [Reading] { state.withLock { $0.readings } }

    /// Adds a member, or replaces the one of the same id.
    package func put(_ member: Member) {
        state.withLock { state in
            if let place = state.members.firstIndex(where: { $0.id == member.id }) {
                state.members[place] = member
            } else {
                state.members.append(member)
            }
        }
    }

    /// Everybody as they are now.
    package var everybody: [Member] { state.withLock { $0.members } }

    /// Replaces everybody.
    package func replace(_ members: [Member]) { state.withLock { $0.members = members } }

    package func setChannel(_ id: ChannelID, _ members: Set<MemberID>) { state.withLock { $0.channels[id] = members } }

    package func setUserGroup(_ id: UserGroupID, _ members: Set<MemberID>) {
        state.withLock { $0.userGroups[id] = members }
    }

    /// Lets every reading fail until it is called with `nil`.
    package func setOutage(_ error: SourceError?) { state.withLock { $0.outage = error } }

    /// Lets the next snapshot break off once it has told of everybody.
    package func breakOff(_ error: SourceError) { state.withLock { $0.breakingOff = error } }

    /// Carried out once, in the middle of the next snapshot: after its moment was taken, before it is returned.
    package func whileReading(_ body: @escaping @Sendable () async -> Void) {
        state.withLock { $0.whileReading = body }
    }

    package func snapshot(
        channels: Set<ChannelID>,
        userGroups: Set<UserGroupID>,
        telling: (@Sendable (PackedList<Member>) -> Void)?
    ) async throws(SourceError) -> MemberSnapshot {
        let takenAt = now()
        let members = try begin(.snapshot).members
        let (hook, error) = state.withLock { state in
            defer { (state.whileReading, state.breakingOff) = (nil, nil) }
            return (state.whileReading, state.breakingOff)
        }
        await hook?()
        let snapshot = try listed(members, channels, userGroups, takenAt)
        telling?(snapshot.members)
        if let error { throw error }
        return snapshot
    }

    package func member(_ id: MemberID) async throws(SourceError) -> Member? {
        try begin(.member(id)).members.first { $0.id == id }
    }

    package func listings(
        channels: Set<ChannelID>,
        userGroups: Set<UserGroupID>
    ) async throws(SourceError) -> MemberSnapshot {
        _ = try begin(.listings)
        return try listed([], channels, userGroups, now())
    }

    private func begin(_ reading: Reading) throws(SourceError) -> State {
        let state = state.withLock { state in
            state.readings.append(reading)
            return state
        }
        if let outage = state.outage { throw outage }
        return state
    }

    private func listed(
        _ members: [Member],
        _ channels: Set<ChannelID>,
        _ userGroups: Set<UserGroupID>,
        _ takenAt: Timestamp
    ) throws(SourceError) -> MemberSnapshot {
        let known = state.withLock { ($0.channels, $0.userGroups) }
        var snapshot = MemberSnapshot(members: PackedList(members), takenAt: takenAt)
        for channel in channels {
            guard let people = known.0[channel] else { throw SourceError(.refused, "channel_not_found") }
            snapshot.channels[channel] = people
        }
        for group in userGroups {
            guard let people = known.1[group] else { throw SourceError(.refused, "no_such_subteam") }
            snapshot.userGroups[group] = people
        }
        return snapshot
    }
}
