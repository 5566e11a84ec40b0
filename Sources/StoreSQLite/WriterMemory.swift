// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import GRDB
import Provisioning
import Synchronization

/// What the writer knows without asking the database: which deliveries wait in the intake, which number comes next, and
/// the members that were asked for lately.
///
/// The same people type most commands, and looking them up takes longer than everything else in an acknowledgement.
final class WriterMemory: Sendable {
    /// Members that are remembered, at most.
    private static let memberLimit = 512

    private struct State {
        var lastID: Int64
        var waiting: Set<KeyDigest> = []
        var members: [MemberID: Member] = [:]
    }

    /// Deliveries that may wait.
    private let room: Int
    private let state: Mutex<State>

    /// Over a database whose intake is not known here yet: only its numbers count.
    /// - Parameter room: Deliveries that may wait.
    init(of database: Database, room: Int) throws {
        let last = try SQLStatement(
            """
            SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'jobs'), 0), \
            coalesce((SELECT max(id) FROM intake), 0))
            """,
            on: database
        )
        defer { last.reset() }
        self.room = room
        state = Mutex(State(lastID: try last.step() ? try last.row.value(0) : 0))
    }

    /// A number that no job had before.
    func takeID() -> Int64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    // MARK: Deliveries in the intake

    var waitingDeliveries: Int { state.withLock(\.waiting.count) }

    /// Remembers a delivery.
    /// - Returns: Whether it was not known here.
    func noteWaiting(_ delivery: KeyDigest) -> Bool {
        state.withLock { state in
            // Making more of it again and again, as they come, would be felt by whoever waits for a commit.
            if state.waiting.capacity < room { state.waiting.reserveCapacity(room) }
            return state.waiting.insert(delivery).inserted
        }
    }

    /// Forgets deliveries that were taken back, or that have a durable row in their own table.
    func forgetWaiting(_ deliveries: [KeyDigest]) {
        guard !deliveries.isEmpty else { return }
        state.withLock { $0.waiting.subtract(deliveries) }
    }

    // MARK: Members

    func member(_ id: MemberID) -> Member? { state.withLock { $0.members[id] } }

    func note(_ member: Member) {
        state.withLock { state in
            if state.members.count >= Self.memberLimit { state.members.removeAll(keepingCapacity: true) }
            state.members[member.id] = member
        }
    }

    /// Must come before every change of the member.
    func forget(_ member: MemberID) { state.withLock { _ = $0.members.removeValue(forKey: member) } }

    /// Must follow whenever something is taken back: a member may have been read in between.
    func forgetMembers() { state.withLock { $0.members.removeAll(keepingCapacity: true) } }
}
