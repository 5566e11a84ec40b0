// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import Foundation
import Testing

struct StormTests {
    @Test func `posts at once, edits at its pace and ends when nothing new turns up`() {
        var storm = Storm(channel: "C1", now: 0)
        storm.take(groupOf: "a", now: 0)
        #expect(storm.decision(now: 0) == .post)
        storm.recordSaid(at: 0)
        #expect(storm.decision(now: 0) == .wait(until: Storm.calm))
        storm.take(groupOf: "b", now: 5)
        #expect(storm.decision(now: 5) == .wait(until: Storm.editInterval))
        #expect(storm.decision(now: Storm.editInterval) == .edit)
        storm.recordSaid(at: Storm.editInterval)
        // Known errors that go on do not keep it alive.
        storm.takeRepeat(of: "a")
        #expect(storm.decision(now: 5 + Storm.calm) == .end)
        storm.end(at: 5 + Storm.calm)
        #expect(storm.decision(now: .max) == .nothing)
        #expect(storm.groups == 2 && storm.reports == 3 && storm.unnamed == 0)
        #expect(storm.sources == ["a", "b"])
    }

    @Test func `keeps a bounded number of groups by name`() {
        var storm = Storm(channel: "C1", now: 0)
        for _ in 0..<Storm.groupLimit { storm.take(groupOf: "a", now: 0) }
        #expect(!storm.hasRoom)
        for number in 0..<50 { storm.takeUnnamed(of: "\(number)", now: 1) }
        #expect(storm.unnamed == 50)
        #expect(storm.reports == Storm.groupLimit + 50)
        #expect(storm.sources.count == 10)
    }

    @Test func `speaks for a group until it is released`() {
        var group = AlertGroup(source: "a", fingerprint: Fingerprint(stored: "v2:f"), now: 0)
        _ = group.receive(ErrorReport(eventID: someID), now: 0)
        group.withhold(by: 7)
        #expect(group.decision(style: .broadcast, now: .max) == .nothing)
        group.release()
        #expect(group.decision(style: .edit, now: 0) == .say(Announcement(form: .post, reason: .new)))
    }
}

struct SecurityWatchTests {
    private func refusal(
        _ path: String, status: Int? = 403, user: ErrorReport.User? = .init(id: "42", name: "Kim")
    )
        -> ErrorReport
    {
        ErrorReport(eventID: someID, status: status, request: .init(method: "GET", path: path), user: user)
    }

    @Test func `notices the fifth refusal of one person within ten minutes`() throws {
        var watch = SecurityWatch()
        var bursts: [Bool] = []
        for number in 1...7 {
            let sighting = try watch.take(refusal("/\(number)"), now: Int64(number) * 60_000)
            bursts.append(try #require(sighting).isBurst)
        }
        #expect(bursts == [false, false, false, false, true, true, true])
        let sighting = try #require(try watch.take(refusal("/1"), now: 8 * 60_000))
        #expect(sighting.tally.actor == "Kim (42)")
        #expect(sighting.tally.placeCount == 7)
        #expect(sighting.tally.before == 7)
    }

    @Test func `takes slow tries, other statuses and strangers for no burst`() throws {
        var watch = SecurityWatch()
        for number in 0..<20 {
            let slow = try #require(try watch.take(refusal("/"), now: Int64(number) * 150_000))
            #expect(!slow.isBurst)
        }
        #expect(try watch.take(refusal("/", status: 500), now: 0) == nil)
        #expect(try watch.take(refusal("/", status: nil), now: 0) == nil)
        #expect(try watch.take(refusal("/", user: nil), now: 0) == nil)
        for number in 0..<20 {
            let other = try watch.take(refusal("/", user: .init(ip: "10.0.0.\(number)")), now: 0)
            #expect(try #require(other).isBurst == false)
        }
    }

    @Test func `tells people apart by their id, and those without one by their address`() throws {
        var watch = SecurityWatch()
        func fingerprint(_ user: ErrorReport.User) throws -> Fingerprint? {
            try watch.take(refusal("/", user: user), now: 0)?.fingerprint
        }
        #expect(try fingerprint(.init(id: "1", name: "Kim")) == fingerprint(.init(id: "1", name: "Kim Y.")))
        #expect(try fingerprint(.init(id: "1")) != fingerprint(.init(ip: "1")))
        #expect(try fingerprint(.init(ip: "10.0.0.1"))?.description.hasPrefix("security:") == true)
    }

    @Test func `remembers a bounded number of actors and places`() throws {
        var watch = SecurityWatch()
        for number in 0..<5000 { _ = try watch.take(refusal("/", user: .init(id: "\(number)")), now: Int64(number)) }
        var tally = SecurityTally(actor: "x")
        for number in 0..<100 { tally.add(refusal("/\(number)")) }
        #expect(tally.placeCount == SecurityTally.placeLimit)
        #expect(tally.elsewhere == 100 - SecurityTally.placeLimit)
        tally.markAsBefore()
        #expect(tally.before == 100)
        #expect(tally.statuses == [403])
    }

    @Test func `speaks again after a long pause`() {
        var group = AlertGroup(
            source: "a", fingerprint: Fingerprint(stored: "security:f"), now: 0, watch: SecurityTally(actor: "x"))
        _ = group.receive(refusal("/"), now: 0)
        group.recordSaid(Announcement(form: .post, reason: .new), of: group, at: 0)
        _ = group.receive(refusal("/"), now: SecurityWatch.quiet)
        #expect(group.pending == nil)
        _ = group.receive(refusal("/"), now: 2 * SecurityWatch.quiet + 1)
        #expect(group.pending == .resumed)
        #expect(group.watch?.byPlace.first?.count == 3)
    }
}

struct LossTests {
    @Test func `adds up by reason, and speaks of it as of any other error`() {
        var group = AlertGroup(source: "a", fingerprint: Fingerprint(stored: "losses:f"), now: 0)
        #expect(group.receive(losses: ["queue_overflow": 294], now: 0) == .new)
        #expect(group.decision(style: .edit, now: 0) == .say(Announcement(form: .post, reason: .new)))
        group.recordSaid(Announcement(form: .post, reason: .new), of: group, at: 0)
        #expect(group.receive(losses: ["queue_overflow": 1, "network_error": 3, "none": 0], now: 5) == .repeated)
        #expect(group.count == 298)
        #expect(group.losses?.reasons.map(\.reason) == ["queue_overflow", "network_error"])
        #expect(group.losses?.reasons.map(\.quantity) == [295, 3])
        #expect(group.resolve(by: "U1", now: 6) == true)
        #expect(group.receive(losses: ["queue_overflow": 1], now: 7) == .regressed)
        _ = group.receive(losses: ["queue_overflow": .max], now: 8)
        #expect(group.count == .max)
    }

    @Test func `bounds the reasons`() {
        var tally = LossTally()
        for number in 0..<100 { tally.add(["reason \(number)": 1]) }
        #expect(tally.reasons.count == 21)
        #expect(tally.reasons.reduce(0) { $0 + $1.quantity } == 100)
    }
}

struct StoredGroupTests {
    /// As the first version wrote it: an upgrade still reads it.
    @Test func `reads a group of an older version`() throws {
        let text = #"""
            {"source":"billing","fingerprint":"v1:ab","state":{"muted":{"_0":{"untilCount":100}}},"count":7,
            "users":{"seen":[1],"isAtLeast":false},"firstSeen":1,"lastSeen":2,"releases":["1"],"highestLevel":"error",
            "regressions":0,"said":{"count":7,"state":{"open":{}},"milestone":1,"at":2}}
            """#
        let group = try JSONDecoder().decode(AlertGroup.self, from: Data(text.utf8))
        #expect(group.count == 7)
        #expect(group.state.isMuted)
        #expect(group.withheldBy == nil && group.watch == nil && group.cardedAt == nil)
        #expect(group.users.count == 1)
        let again = try JSONDecoder().decode(AlertGroup.self, from: try JSONEncoder().encode(group))
        #expect(again == group)
    }

    @Test func `remembers whom it hit`() throws {
        var tally = UserTally()
        for number in 0..<UserTally.cap + 3 { tally.add(ErrorReport.User(id: "\(number)")) }
        var again = try JSONDecoder().decode(UserTally.self, from: try JSONEncoder().encode(tally))
        #expect(again == tally && again.text == "100+")
        let isNew = again.add(ErrorReport.User(id: "7"))
        #expect(!isNew, "somebody who was seen is new")
    }
}
