// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// What a target showed, looked up by key: the exact spelling first, for some targets tell `kim` from `Kim`; else one
/// that people take for the same.
package struct ObservedAccounts: Sendable {
    package enum Sighting {
        case present(ObservedAccount)
        case absent, unseen
    }

    private let accounts: PackedList<ObservedAccount>
    /// By folded key; of several spellings the smallest, whatever their order.
    private var places: [String: Int32] = [:]
    /// All of them, where there are several.
    private var spellings: [String: [Int32]] = [:]
    /// The one account that the target says is a member's; negative where it says so of several.
    private var owned: [MemberID: Int32] = [:]
    /// Folded keys that were looked up and are not there.
    private var absent: Set<String> = []
    private let isComplete: Bool

    package init(_ observation: Observation) {
        switch observation {
        case .listed(let listed):
            accounts = listed
            isComplete = true
            places.reserveCapacity(listed.count)
            for place in listed.indices { add(at: place, as: nil) }
        case .lookedUp(let answers):
            var found = PackedList<ObservedAccount>()
            var asked: [AccountKey] = []
            for (key, account) in answers {
                if let account {
                    found.append(account)
                    asked.append(key)
                } else {
                    absent.insert(key.folded)
                }
            }
            accounts = found
            isComplete = false
            for place in found.indices { add(at: place, as: asked[place]) }
        case .ledger:
            accounts = []
            isComplete = false
        }
    }

    private func head(_ place: Int32) -> ObservedAccount.Head { accounts.head(at: Int(place)) }

    private mutating func add(at position: Int, as asked: AccountKey?) {
        let place = Int32(clamping: position)
        let head = head(place)
        let folded = (asked ?? head.key).folded
        if let other = places[folded] {
            spellings[folded, default: [other]].append(place)
            if head.key < self.head(other).key { places[folded] = place }
        } else {
            places[folded] = place
        }
        if let owner = head.owner { owned[owner] = owned[owner] == nil ? place : -1 }
    }

    package subscript(_ key: AccountKey) -> ObservedAccount? {
        let folded = key.folded
        guard let place = places[folded] else { return nil }
        let exact = spellings[folded]?.first { head($0).key == key }
        return accounts[Int(exact ?? place)]
    }

    package func sighting(of key: AccountKey) -> Sighting {
        if let account = self[key] { return .present(account) }
        return isComplete || absent.contains(key.folded) ? .absent : .unseen
    }

    /// Whether an account is seen, without a look at what it is.
    package func shows(_ key: AccountKey) -> Bool { places[key.folded] != nil }

    /// Whether it is known that there is no such account.
    package func lacks(_ key: AccountKey) -> Bool {
        let folded = key.folded
        return places[folded] == nil && (isComplete || absent.contains(folded))
    }

    /// The one account that the target says is the member's.
    package func account(of member: MemberID) -> ObservedAccount? {
        guard let place = owned[member], place >= 0 else { return nil }
        return accounts[Int(place)]
    }
}
