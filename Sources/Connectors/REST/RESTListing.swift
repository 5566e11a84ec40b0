// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning

/// A list while it is read, page by page.
///
/// Ends only where the target says so: with an empty page, or without a next cursor. A target that gives the same page
/// again is misunderstood, and half a list is worse than none.
struct RESTListing {
    /// What was read, in the target's order; of a key that came twice, the later object.
    private(set) var accounts: PackedList<ObservedAccount> = []
    /// Query of the page to read next; `nil` at the end.
    private(set) var nextQuery: [(name: String, value: String)]?

    private let list: RESTTargetConfiguration.List
    private let limits: RESTTargetConfiguration.Limits
    private var places: [AccountKey: Int] = [:]
    private var firstKeys: Set<AccountKey> = []
    private var cursors: Set<String> = []
    private var pages = 0
    private var received = 0
    /// The keys of the first page, while it is not known whether the target understands the paging we assume.
    private var firstPage: [AccountKey] = []
    /// The page under way only asks for one entry, to see whether the target listens at all.
    private var isProbing = false

    init(_ list: RESTTargetConfiguration.List, limits: RESTTargetConfiguration.Limits) {
        self.list = list
        self.limits = limits
        nextQuery = Self.query(list.paging, page: 0, received: 0, cursor: nil)
    }

    /// The entries of a page; `nil` when they cannot be told: nothing at the configured path, or not exactly one array.
    func items(in page: JSONValue) -> [JSONValue]? {
        if let path = list.items { return page[path: path]?.array }
        if let array = page.array { return array }
        let arrays = Self.arrays(in: page)
        return arrays.count == 1 ? arrays.first : nil
    }

    /// Adds a page and works out the next.
    /// - Throws: ``TargetError/Code/misconfigured`` when the pages go in a circle or do not end.
    mutating func take(_ page: [ObservedAccount], of body: JSONValue) throws(TargetError) {
        if isProbing { return try concludeProbe(page) }
        pages += 1
        received += page.count
        guard received <= limits.items, pages <= limits.pages else {
            throw TargetError(.misconfigured, "the list does not end: \(received) entries on \(pages) pages")
        }
        var isRepeated = false
        if let first = page.first?.key { isRepeated = !firstKeys.insert(first).inserted }
        // Whoever answers the second question like the first does not know our parameters, and gave everything. They
        // are compared by the first entry only: accounts come and go between two questions.
        let ignoresPaging = isRepeated && list.isPagingAssumed && pages == 2
        guard !isRepeated || ignoresPaging else {
            throw TargetError(.misconfigured, "the list goes in a circle: a page came twice")
        }
        for account in page {
            if let place = places[account.key] {
                accounts[place] = account
            } else {
                places[account.key] = accounts.count
                accounts.append(account)
            }
        }
        if pages == 1, list.isPagingAssumed { firstPage = page.map(\.key) }
        if ignoresPaging {
            // Everything, or as much as we asked for, again and again? Who gives exactly that much is asked for less.
            let size = assumedSize
            isProbing = size != nil && page.count == size && firstPage.count == size
            nextQuery = isProbing ? Self.query(list.paging.asking(for: 1), page: 0, received: 0, cursor: nil) : nil
            return
        }
        switch list.paging {
        case .none:
            nextQuery = nil
        case .page, .offset:
            nextQuery = page.isEmpty ? nil : Self.query(list.paging, page: pages, received: received, cursor: nil)
        case .cursor(_, let path):
            let cursor = body[path: path]?.scalarText ?? ""
            guard cursor.isEmpty || cursors.insert(cursor).inserted else {
                throw TargetError(.misconfigured, "the list goes in a circle: a cursor came twice")
            }
            nextQuery =
                cursor.isEmpty ? nil : Self.query(list.paging, page: pages, received: received, cursor: cursor)
        }
    }

    private var assumedSize: Int? {
        guard case .page(_, _, _, let size) = list.paging else { return nil }
        return size
    }

    /// Whoever gives one entry when asked for one honours the size and not the page: the rest of its accounts is
    /// somewhere we cannot reach.
    private mutating func concludeProbe(_ page: [ObservedAccount]) throws(TargetError) {
        nextQuery = nil
        guard page.count >= firstPage.count else {
            throw TargetError(
                .misconfigured,
                "the target keeps to the size of a page and gives the same page again: say how it pages in operations.list"
            )
        }
    }

    private static func query(
        _ paging: RESTTargetConfiguration.Paging,
        page: Int,
        received: Int,
        cursor: String?
    ) -> [(name: String, value: String)] {
        switch paging {
        case .none: return []
        case .page(let parameter, let start, let sizeParameter, let size):
            return [(name: parameter, value: "\(start + page)")] + Self.size(sizeParameter, size)
        case .offset(let parameter, let sizeParameter, let size):
            return [(name: parameter, value: "\(received)")] + Self.size(sizeParameter, size)
        case .cursor(let parameter, _):
            return cursor.map { [(name: parameter, value: $0)] } ?? []
        }
    }

    private static func size(_ parameter: String?, _ size: Int?) -> [(name: String, value: String)] {
        guard let size else { return [] }
        return [(name: parameter ?? "size", value: "\(size)")]
    }

    /// The arrays that are reached through objects only.
    private static func arrays(in value: JSONValue) -> [[JSONValue]] {
        if let array = value.array { return [array] }
        return value.object?.flatMap { arrays(in: $0.value) } ?? []
    }
}

extension RESTTargetConfiguration.Paging {
    /// The same way of paging with another size.
    fileprivate func asking(for size: Int) -> Self {
        switch self {
        case .none, .cursor: self
        case .page(let parameter, let start, let sizeParameter, _):
            .page(parameter: parameter, start: start, sizeParameter: sizeParameter, size: size)
        case .offset(let parameter, let sizeParameter, _):
            .offset(parameter: parameter, sizeParameter: sizeParameter, size: size)
        }
    }
}
