// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension Plan {
    /// Changes that may be carried out side by side, phase after phase: links, creates, enables, updates, disables,
    /// deletes; but what takes a key only after the change that gives it up.
    /// - Returns: Indices, for at the first run there is a change for everybody: they are not held twice.
    package static func phases(of changes: [Change]) -> [[Int]] {
        var phases: [Place: [Int]] = [:]
        for (index, place) in places(of: changes).enumerated() { phases[place, default: []].append(index) }
        return phases.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Brings changes into the order of ``phases(of:)``, within each by key.
    static func order(_ changes: inout [Change]) {
        let places = places(of: changes)
        // Which change comes to which index.
        var origins = changes.indices.sorted { one, other in
            places[one] == places[other] ? changes[one].precedes(changes[other]) : places[one] < places[other]
        }
        // Where they are, round by round of those who take each other's index.
        for first in origins.indices {
            var index = first
            while origins[index] != first {
                let origin = origins[index]
                changes.swapAt(index, origin)
                origins[index] = index
                index = origin
            }
            origins[index] = index
        }
    }

    /// By the kind, or that of what is waited for; then by how many wait one for the other.
    private struct Place: Hashable, Comparable {
        var kind: Int
        var turn = 0

        static func < (one: Place, other: Place) -> Bool { (one.kind, one.turn) < (other.kind, other.turn) }
    }

    private static func places(of changes: [Change]) -> [Place] {
        var places = changes.map { Place(kind: $0.kind.order) }
        // By folded key: the change that gives it up.
        var giving: [String: Int] = [:]
        for (index, change) in changes.enumerated() {
            switch change.kind {
            case .update: if let former = change.formerKey { giving[former.folded] = index }
            case .delete, .forget: giving[change.key.folded] = index
            case .create, .enable, .disable, .link: break
            }
        }
        if giving.isEmpty { return places }

        // Each waits for one at most: for who gives up the key that it takes.
        var followers: [Int: [Int]] = [:]
        var isWaiting: Set<Int> = []
        for (index, change) in changes.enumerated() where change.kind == .create || change.isMove {
            if let other = giving[change.key.folded], changes[other].member != change.member {
                followers[other, default: []].append(index)
                isWaiting.insert(index)
            }
        }
        // From those that wait for nobody on; a circle, which no plan has, is left as it is.
        var ready = changes.indices.filter { !isWaiting.contains($0) }
        while let index = ready.popLast() {
            for follower in followers[index] ?? [] {
                let earliest = Place(kind: places[index].kind, turn: places[index].turn + 1)
                places[follower] = max(places[follower], earliest)
                ready.append(follower)
            }
        }
        return places
    }
}
