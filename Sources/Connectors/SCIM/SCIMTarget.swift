// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
package import Provisioning
package import Time

/// A target that speaks SCIM 2.0 (RFC 7643, RFC 7644).
///
/// Takes servers as they are: what one cannot do is found out by asking and by trying, and done another way (a list
/// instead of a filter, read-merge-`PUT` instead of `PATCH`). `externalId` is the Slack member id unless the template
/// maps it. An id is a hint: whatever is changed is read first, and again before a request is repeated, and must still
/// have the key it was known by.
package struct SCIMTarget: AccountTarget {
    package let operations: TargetOperations = .standard
    let configuration: SCIMTargetConfiguration
    let line: TargetLine
    let discovery: SCIMDiscovery
    private let address: Address

    /// - Throws: ``TargetError/Code/misconfigured`` when the URL is no web address on one of the listed hosts, or a
    ///   header cannot be sent as it is.
    package init(
        _ configuration: SCIMTargetConfiguration,
        http: OutboundHTTP,
        clock: WallClock = .system
    ) throws(TargetError) {
        self.configuration = configuration
        let address = try Address(configuration)
        let line = TargetLine(
            hosts: configuration.hosts,
            headers: try TargetHeaders.of(
                mediaType: "application/scim+json",
                accept: "application/scim+json, application/json;q=0.9",
                authentication: configuration.authentication,
                given: configuration.headers
            ),
            limits: configuration.limits,
            http: http,
            clock: clock
        )
        self.address = address
        self.line = line
        let known = SCIMService(patch: configuration.patch, filter: configuration.filter)
        discovery = SCIMDiscovery(configured: known, clock: clock) { configured in
            await Self.ask(configured, line, address)
        }
    }

    package var executor: (any TaskExecutor)? { line.executor(for: configuration.url) }

    /// The service's URL, and how paths are joined to it.
    struct Address: Sendable {
        private let base: String
        private let query: String?

        init(_ configuration: SCIMTargetConfiguration) throws(TargetError) {
            guard let address = HTTPAddress(configuration.url), !configuration.url.contains("#") else {
                throw TargetError(.misconfigured, "url is no http or https address")
            }
            guard address.isListed(in: configuration.hosts) else {
                throw TargetError(.misconfigured, "the host \(address.host) is not among the target's url_hosts")
            }
            let parts = configuration.url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            var base = parts.first.map(String.init) ?? configuration.url
            while base.hasSuffix("/") { base.removeLast() }
            self.base = base
            query = parts.count > 1 && !parts[1].isEmpty ? String(parts[1]) : nil
        }

        func url(_ path: String, _ fields: [(name: String, value: String)] = []) -> String {
            let queries = [query, fields.isEmpty ? nil : PercentEncoding.form(fields)].compactMap(\.self)
            return queries.isEmpty ? base + path : base + path + "?" + queries.joined(separator: "&")
        }
    }

    /// The URL of all users, or of one.
    /// - Throws: ``TargetError/Code/misconfigured`` for an id that no path segment can hold.
    func users(
        id: String? = nil,
        _ fields: [(name: String, value: String)] = []
    ) async throws(TargetError) -> String {
        let path = await discovery.service().users
        guard let id else { return address.url(path, fields) }
        if [".", ".."].contains(id) {
            throw TargetError(.misconfigured, "an account's id cannot be part of an address")
        }
        return address.url("\(path)/\(PercentEncoding.encode(id))", fields)
    }

    /// Asks what is not configured.
    ///
    /// Whatever goes wrong here is no error: the service may be there without saying what it is.
    private static func ask(
        _ configured: SCIMService,
        _ line: TargetLine,
        _ address: Address
    ) async -> (service: SCIMService, isAnswered: Bool) {
        func read(_ path: String) async -> Result<JSONValue?, OutboundError> {
            await line.send("GET", address.url(path), retries: 0).map { answer in
                answer.isSuccess ? try? JSONValue(parsing: answer.body) : nil
            }
        }
        var service = configured
        var isAnswered = true
        if service.patch == nil || service.filter == nil {
            switch await read("/ServiceProviderConfig") {
            case .success(let body): if let body { service.read(providerConfiguration: body) }
            case .failure: isAnswered = false
            }
        }
        switch await read("/ResourceTypes") {
        case .success(let body): if let body { service.read(resourceTypes: body) }
        case .failure: isAnswered = false
        }
        return (service, isAnswered)
    }
}

// MARK: - Reading

extension SCIMTarget {
    /// How often a list is begun anew that changed while it was read, or came incomplete.
    private static let listTries = 3

    package func list() async throws(TargetError) -> PackedList<ObservedAccount> {
        PackedList(try await resources().lazy.map(account))
    }

    package func find(_ key: AccountKey) async throws(TargetError) -> ObservedAccount? {
        try await lookUp(key).map(account)
    }

    func account(_ resource: SCIMResource) -> ObservedAccount {
        resource.account(readsOwner: !configuration.mapsExternalID)
    }

    private func resources() async throws(TargetError) -> [SCIMResource] {
        var tally = ""
        for _ in 0..<Self.listTries {
            let listing = try await listOnce()
            if listing.isComplete {
                if listing.resources.isEmpty, listing.keyless > 0 {
                    let key = SCIMName.path(configuration.keyPath)
                    throw TargetError(.misconfigured, "no entry of the list has a \"\(key)\"")
                }
                return listing.resources
            }
            tally = listing.tally
        }
        throw TargetError(.unreachable, "the list is incomplete or changes while it is read (\(tally) users)")
    }

    private func listOnce() async throws(TargetError) -> SCIMListing {
        var listing = SCIMListing(keyPath: configuration.keyPath, limits: configuration.limits)
        while let index = listing.nextIndex {
            let fields = [(name: "startIndex", value: "\(index)"), (name: "count", value: "\(SCIMListing.pageSize)")]
            let answer = try TargetLine.answered(await line.send("GET", try await users(fields)))
            // Some servers refuse a page behind the last one.
            if listing.isBeyondTotal, (400..<500).contains(answer.status), answer.status != 401, answer.status != 403,
                answer.status != 429
            {
                listing.end()
                break
            }
            guard answer.isSuccess else {
                throw line.refusal(answer, isListing: true, reason: SCIMError(answer).reason)
            }
            guard let page = SCIMListing.Page(try TargetLine.json(answer)) else {
                throw TargetError(.misconfigured, "the answer is no SCIM list", status: answer.status)
            }
            try listing.take(page)
        }
        return listing
    }

    /// The one account with the key, by a filter where the server has filters, else from the list.
    /// - Throws: ``TargetError/Code/rejected`` when several accounts have it: none of them may be picked.
    func lookUp(_ key: AccountKey) async throws(TargetError) -> SCIMResource? {
        let filter = SCIMName.filter(configuration.keyPath, equals: key.rawValue)
        let found = try await matches(filter) { $0.key.folded == key.folded }
        if found.count > 1 {
            let exact = found.filter { $0.key == key }
            if exact.count == 1 { return exact.first }
            throw TargetError(.rejected, "the target has \(found.count) accounts with this key")
        }
        return found.first
    }

    /// Accounts that carry the member's id; several are possible, for `externalId` need not be unique.
    func lookUp(owner member: MemberID) async throws(TargetError) -> [SCIMResource] {
        let filter = SCIMName.filter(["externalId"], equals: member.rawValue)
        return try await matches(filter) { $0.externalID == member.rawValue }
    }

    /// What the filter finds, checked here again: some servers do not know a filter and give everybody.
    private func matches(
        _ filter: String,
        _ isMeant: (SCIMResource) -> Bool
    ) async throws(TargetError) -> [SCIMResource] {
        if await discovery.service().filter != false, let found = try await filtered(filter) {
            if found.allSatisfy(isMeant) { return found }
            await discovery.cannotFilter()
        }
        return try await resources().filter(isMeant)
    }

    /// - Returns: `nil` when the server does not filter, or not whole.
    private func filtered(_ filter: String) async throws(TargetError) -> [SCIMResource]? {
        let url = try await users([(name: "filter", value: filter)])
        let answer = try TargetLine.answered(await line.send("GET", url))
        guard answer.isSuccess else {
            switch answer.status {
            case 400, 403, 405, 501:
                // A list that is refused as well says what is wrong.
                await discovery.cannotFilter()
                return nil
            case 404: throw line.refusal(answer, isListing: true)
            default: throw line.refusal(answer, reason: SCIMError(answer).reason)
            }
        }
        guard let page = SCIMListing.Page(try TargetLine.json(answer)) else {
            throw TargetError(.misconfigured, "the answer is no SCIM list", status: answer.status)
        }
        if let total = page.total, total > page.resources.count { return nil }
        let found = page.resources.map { SCIMResource($0, keyPath: configuration.keyPath) }
        let known = found.compactMap(\.self)
        return known.count == found.count ? known : nil
    }

    /// One account by its id; `nil` when there is none.
    func read(_ id: String, retries: Int? = nil) async throws(TargetError) -> SCIMResource? {
        let answer = try TargetLine.answered(await line.send("GET", try await users(id: id), retries: retries))
        if answer.status == 404 || answer.status == 410 { return nil }
        guard answer.isSuccess else { throw line.refusal(answer, reason: SCIMError(answer).reason) }
        let body = try TargetLine.json(answer)
        guard let resource = SCIMResource(body, keyPath: configuration.keyPath, version: answer.header("etag")),
            resource.id == id
        else {
            // Somebody without a key, or somebody else: not whom we asked for.
            if body.object != nil { return nil }
            throw TargetError(
                .misconfigured, "asked for one account, the target answered with something else", status: answer.status)
        }
        return resource
    }

    /// The account as it is now: by its id where that still leads to the same key, else by the key.
    ///
    /// A wiped server gives ids again, and to other people.
    func locate(_ key: AccountKey, _ observed: ObservedAccount?) async throws(TargetError) -> SCIMResource {
        let key = observed?.key ?? key
        var found: SCIMResource?
        if let id = observed?.remoteID, let resource = try await read(id), resource.key.folded == key.folded {
            found = resource
        } else {
            found = try await lookUp(key)
        }
        guard let found else { throw TargetError(.gone, "the account is not on the target") }
        if let owner = observed?.owner, account(found).belongsToAnother(than: owner) {
            throw TargetError(.gone, "the account is another member's now")
        }
        return found
    }
}
