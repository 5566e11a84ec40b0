// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// What one person or address was refused: the places they tried, and how often.
package struct SecurityTally: Sendable, Hashable, Codable {
    /// Places that are told apart.
    package static let placeLimit = 25

    /// Whom it is about, as a reader knows them: `Kim (42)` or an address.
    package private(set) var actor: String
    private var places: [String: Int] = [:]
    /// Tries at places beyond the limit.
    package private(set) var elsewhere = 0
    /// Tries of the burst's beginning, which stand in groups of their own as well.
    package private(set) var before = 0
    package private(set) var statuses: [Int] = []

    package init(actor: String) { self.actor = actor }

    /// Places with their numbers, the most frequent first.
    package var byPlace: [(place: String, count: Int)] {
        places.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }

    /// How many different places are known.
    package var placeCount: Int { places.count }

    package mutating func add(_ report: ErrorReport) {
        let place = report.where ?? report.culprit ?? "–"
        if places[place] != nil || places.count < Self.placeLimit {
            places[place] = (places[place] ?? 0).addingSaturated(1)
        } else {
            elsewhere = elsewhere.addingSaturated(1)
        }
        if let status = report.status, !statuses.contains(status) { statuses = (statuses + [status]).sorted() }
    }

    /// Says that everything so far was counted elsewhere.
    package mutating func markAsBefore() { before = places.values.reduce(elsewhere) { $0.addingSaturated($1) } }
}
