// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning

/// A list while it is read, page by page (RFC 7644 §3.4.2.4).
///
/// Goes on by what was received, whatever the server says about the size of its pages, and ends with an empty page, or
/// with a page shorter than others once as many came as the server counts.
struct SCIMListing {
    /// One page as it was answered.
    struct Page {
        let total: Int?
        let resources: [JSONValue]

        /// - Returns: `nil` for what is no list.
        init?(_ body: JSONValue) {
            let body = SCIMName.respelled(body)
            total = body["totalResults"]?.int ?? body["totalResults"]?.string.flatMap { Int($0) }
            let resources = body["Resources"]?.array
            let isList = body["schemas"]?.array?.contains { $0.string?.hasSuffix(":ListResponse") == true } == true
            guard body.object != nil, isList || total != nil || resources != nil else { return nil }
            self.resources = resources ?? []
        }
    }

    /// Entries that a page is asked for.
    static let pageSize = 100

    /// What was read, each id once.
    private(set) var resources: [SCIMResource] = []
    /// Where the next page begins, counting from 1; `nil` at the end.
    private(set) var nextIndex: Int? = 1
    /// Entries without the key, which cannot be anybody's account of ours.
    private(set) var keyless = 0

    private let keyPath: [String]
    private let limits: RESTTargetConfiguration.Limits
    private var ids: Set<String> = []
    private var received = 0
    private var pages = 0
    private var largestPage = 0
    private var total: Int?
    private var largestTotal = 0
    private var isTotalBelieved = true
    private var hasTotalChanged = false

    init(keyPath: [String], limits: RESTTargetConfiguration.Limits) {
        self.keyPath = keyPath
        self.limits = limits
    }

    /// Whether all that the server counted came, and the count held while it was read.
    var isComplete: Bool {
        guard isTotalBelieved, let total else { return true }
        return !hasTotalChanged && ids.count >= total
    }

    /// Whether as many came as the server counts, and the next page is read only to see whether it counts well.
    var isBeyondTotal: Bool { isTotalBelieved && pages > 0 && total.map { received >= $0 } ?? false }

    /// Ends the list where the server refuses to go on.
    mutating func end() { nextIndex = nil }

    /// In words, for an error.
    var tally: String { "\(ids.count) of \(total ?? ids.count)" }

    /// Adds a page and works out the next.
    /// - Throws: ``TargetError/Code/misconfigured`` when the pages go in a circle, do not end, or hold no users.
    mutating func take(_ page: Page) throws(TargetError) {
        pages += 1
        received += page.resources.count
        guard received <= limits.items, pages <= limits.pages else {
            throw TargetError(.misconfigured, "the list does not end: \(received) entries on \(pages) pages")
        }
        var new = 0
        for value in page.resources {
            guard let id = SCIMName.respelled(value)["id"]?.scalarText, !id.isEmpty else {
                throw TargetError(.misconfigured, "an entry of the list has no \"id\"")
            }
            guard ids.insert(id).inserted else { continue }
            new += 1
            if let resource = SCIMResource(value, keyPath: keyPath) { resources.append(resource) } else { keyless += 1 }
        }
        // What an empty page counts may be itself.
        if !page.resources.isEmpty || pages == 1 {
            if let total, let counted = page.total, counted != total { hasTotalChanged = true }
            total = page.total ?? total
        }
        // More came than the server ever counted: it counts a page, or nothing that is of use.
        largestTotal = max(largestTotal, total ?? 0)
        if ids.count > largestTotal { isTotalBelieved = false }
        largestPage = max(largestPage, page.resources.count)

        if page.resources.isEmpty {
            nextIndex = nil
        } else if new == 0 {
            // The same again. A server that knows no pages gave everything the first time.
            let gaveAll = pages == 2 && (total.map { ids.count == $0 } ?? true)
            guard gaveAll || (isTotalBelieved && total == ids.count) else {
                throw TargetError(.misconfigured, "the list goes in a circle: a page came twice")
            }
            nextIndex = nil
        } else if isTotalBelieved, let total, received >= total, page.resources.count < largestPage {
            nextIndex = nil
        } else {
            nextIndex = 1 + received
        }
    }
}
