// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
package import Provisioning
package import Slack
package import Time

/// Members as Slack lists them: complete, or an error.
package struct SlackMemberSource: MemberSource {
    private let api: any SlackWebAPI
    private let clock: WallClock
    private let pageSize: Int
    private let pageLimit: Int
    /// Slack refuses 1000 and more.
    private static let largestPage = 999

    /// - Parameters:
    ///   - pageSize: People on the first page; Slack recommends at most 200.
    ///   - pageLimit: More pages than this are no list but a loop.
    package init(api: any SlackWebAPI, clock: WallClock = .system, pageSize: Int = 200, pageLimit: Int = 5000) {
        self.api = api
        self.clock = clock
        self.pageSize = min(max(pageSize, 1), Self.largestPage)
        self.pageLimit = pageLimit
    }

    package func snapshot(
        channels: Set<ChannelID>,
        userGroups: Set<UserGroupID>,
        telling: (@Sendable (PackedList<Member>) -> Void)?
    ) async throws(SourceError) -> MemberSnapshot {
        var snapshot = MemberSnapshot(members: [], takenAt: clock.now())
        snapshot.members = try await everybody(telling)
        try await addListings(to: &snapshot, channels, userGroups)
        return snapshot
    }

    package func listings(
        channels: Set<ChannelID>,
        userGroups: Set<UserGroupID>
    ) async throws(SourceError) -> MemberSnapshot {
        var snapshot = MemberSnapshot(members: [], takenAt: clock.now())
        try await addListings(to: &snapshot, channels, userGroups)
        return snapshot
    }

    package func member(_ id: MemberID) async throws(SourceError) -> Member? {
        let answer: JSONObject
        do throws(WebAPIError) {
            answer = try await api.call(.usersInfo, ["user": .string(id.rawValue), "include_locale": true])
        } catch {
            switch error.code {
            case .refused("user_not_found"), .refused("user_not_visible"): return nil
            default: throw SourceError(error)
            }
        }
        guard let user = answer["user"], let member = Member(slackUser: user), member.id == id else {
            throw SourceError(.incomplete, "users.info: the answer does not show the person that was asked for")
        }
        return member
    }
}

extension SlackMemberSource {
    /// How many people are told of at a time.
    private static let told = 500

    private func everybody(_ tell: ((PackedList<Member>) -> Void)?) async throws(SourceError) -> PackedList<Member> {
        var members = PackedList<Member>()
        var untold = PackedList<Member>()
        var places: [MemberID: Int] = [:]
        var hasPeople = false
        var hasAddresses = false
        let arguments: JSONObject = ["include_locale": true]
        try await eachEntry(.usersList, arguments, "members") { (entry) throws(SourceError) in
            guard let member = Member(slackUser: entry) else {
                throw SourceError(.incomplete, "users.list: an entry has no id")
            }
            if !member.isBot, !member.isDeleted, !member.isForgotten, !member.isSlackbot {
                hasPeople = true
                if member.email != nil { hasAddresses = true }
            }
            if let place = places[member.id] {
                // Somebody who was changed while the pages were read comes twice.
                if member.updated >= members[place].updated { members[place] = member }
            } else {
                places[member.id] = members.count
                members.append(member)
            }
            guard let tell else { return }
            untold.append(member)
            if untold.count == Self.told {
                tell(untold)
                untold = []
            }
        }
        if let tell, !untold.isEmpty { tell(untold) }
        guard !members.isEmpty else { throw SourceError(.incomplete, "users.list: the list is empty") }
        guard hasAddresses || !hasPeople else {
            throw SourceError(.refused, "users.list: nobody has an e-mail; the scope users:read.email is needed")
        }
        return members
    }

    private func addListings(
        to snapshot: inout MemberSnapshot,
        _ channels: Set<ChannelID>,
        _ userGroups: Set<UserGroupID>
    ) async throws(SourceError) {
        for channel in channels.sorted() {
            let arguments: JSONObject = ["channel": .string(channel.rawValue)]
            snapshot.channels[channel] = try await ids(
                .conversationsMembers, arguments, "members", of: channel.rawValue)
        }
        for group in userGroups.sorted() {
            let arguments: JSONObject = ["usergroup": .string(group.rawValue)]
            snapshot.userGroups[group] = try await ids(.userGroupsUsersList, arguments, "users", of: group.rawValue)
        }
    }

    private func ids(
        _ method: WebAPIMethod,
        _ arguments: JSONObject,
        _ field: String,
        of name: String
    ) async throws(SourceError) -> Set<MemberID> {
        var ids: Set<MemberID> = []
        try await eachEntry(method, arguments, field, of: name) { (entry) throws(SourceError) in
            guard let id = entry.string, !id.isEmpty else {
                throw SourceError(.incomplete, "\(method.rawValue): an entry of \(name) is no id")
            }
            ids.insert(MemberID(id))
        }
        return ids
    }

    /// Hands over the entries of all pages, none of which is kept; the next page is on its way while one is read.
    ///
    /// The end is an empty or missing cursor, never a short page: Slack may return fewer entries than asked for in the
    /// middle of a list. A list that goes on is asked for in larger pages, for the calls a minute are few.
    private func eachEntry(
        _ method: WebAPIMethod,
        _ arguments: JSONObject,
        _ field: String,
        of name: String? = nil,
        _ take: (JSONValue) throws(SourceError) -> Void
    ) async throws(SourceError) {
        var cursors: Set<String> = []
        var first = arguments
        if method.isPaged { first["limit"] = JSONValue(pageSize) }
        var page = try await page(method, first, field, of: name).get()
        func takePage() throws(SourceError) {
            guard let entries = page.entries() else {
                throw SourceError(.incomplete, "\(method.rawValue): a page has no \(field)")
            }
            for entry in entries { try take(entry) }
        }
        while true {
            let cursor = page.nextCursor
            if cursor.isEmpty { return try takePage() }
            guard cursors.insert(cursor).inserted else {
                throw SourceError(.incomplete, "\(method.rawValue): the list goes in a circle, a cursor came twice")
            }
            guard cursors.count < pageLimit else {
                throw SourceError(
                    .incomplete, "\(method.rawValue): the list does not end after \(pageLimit) pages")
            }
            async let next = self.page(method, following(arguments, cursor, method), field, of: name)
            try takePage()
            page = try await next.get()
        }
    }

    private func following(_ arguments: JSONObject, _ cursor: String, _ method: WebAPIMethod) -> JSONObject {
        var arguments = arguments
        arguments["cursor"] = .string(cursor)
        if method.isPaged { arguments["limit"] = JSONValue(Self.largestPage) }
        return arguments
    }

    private func page(
        _ method: WebAPIMethod,
        _ arguments: JSONObject,
        _ field: String,
        of name: String?
    ) async -> Result<WebAPIPage, SourceError> {
        do throws(WebAPIError) {
            return .success(try await api.page(method, arguments, field))
        } catch {
            return .failure(SourceError(error, of: name))
        }
    }
}

extension SourceError {
    /// - Parameter name: The channel or group that was asked for.
    fileprivate init(_ error: WebAPIError, of name: String? = nil) {
        let detail = name.map { "\(error.detail) (\($0))" } ?? error.detail
        switch error.code {
        case .refused("invalid_cursor"):
            self.init(.incomplete, "\(detail): the list changed or grew old while it was read")
        default:
            self.init(error.disposition == .retry ? .unavailable : .refused, detail, retryAfter: error.retryAfter)
        }
    }
}
