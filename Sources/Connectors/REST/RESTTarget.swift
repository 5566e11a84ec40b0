// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
package import Provisioning
package import Time

/// A target that speaks HTTP and JSON in the way its configuration describes.
///
/// Keeps the target's limits and repeats what is safe to repeat; see ``OutboundHTTP``. Only creation is not: when
/// nobody knows whether it was carried out it throws ``TargetError/Code/uncertain``.
package struct RESTTarget: AccountTarget {
    package let operations: TargetOperations
    let configuration: RESTTargetConfiguration
    private let address: RESTAddress
    private let headers: [(name: String, value: String)]
    private let http: OutboundHTTP
    private let clock: WallClock
    private let pacer: Pacer

    /// - Throws: ``TargetError/Code/misconfigured`` when the URL is no web address on one of the listed hosts, a header
    ///   cannot be sent as it is, a path has other names than `key`, or an operation on one account does not name it.
    package init(
        _ configuration: RESTTargetConfiguration,
        http: OutboundHTTP,
        clock: WallClock = .system
    ) throws(TargetError) {
        self.configuration = configuration
        self.http = http
        self.clock = clock
        address = try RESTAddress(configuration)
        headers = try RESTHeaders.of(configuration)
        operations = configuration.operations.offered
        let limits = configuration.limits
        pacer = Pacer(
            concurrency: limits.concurrency,
            perSecond: limits.perSecond,
            burst: max(1, limits.concurrency),
            clock: clock
        )
    }

    /// One request to the target, paced, repeated where that is safe.
    func send(
        _ operation: RESTTargetConfiguration.Operation,
        key: AccountKey? = nil,
        query: [(name: String, value: String)] = [],
        body: JSONValue? = nil,
        isRepeatable: Bool = true
    ) async throws(TargetError) -> Result<OutboundAnswer, OutboundError> {
        var headers = headers
        if body == nil { headers.removeAll { $0.name.lowercased() == "content-type" } }
        let request = OutboundRequest(
            method: operation.method.uppercased(),
            url: try address.url(path: operation.path, key: key, query: query),
            headers: headers,
            body: body?.bytes(),
            timeout: configuration.limits.timeout,
            answerBytes: configuration.limits.answerBytes,
            isRepeatable: isRepeatable
        )
        do throws(OutboundError) {
            let answer = try await http.send(
                request,
                to: configuration.hosts,
                retry: RetryRule(retries: configuration.limits.retries),
                pacer: pacer
            )
            return .success(answer)
        } catch {
            return .failure(error)
        }
    }
}

extension RESTTargetConfiguration.Operations {
    /// Which operations there are, as the domain counts them.
    package var offered: TargetOperations {
        var offered: TargetOperations = []
        if create != nil { offered.insert(.create) }
        if find != nil { offered.insert(.find) }
        if list != nil { offered.insert(.list) }
        if update != nil { offered.insert(.update) }
        if disable != nil { offered.insert(.disable) }
        if enable != nil { offered.insert(.enable) }
        if delete != nil { offered.insert(.delete) }
        return offered
    }
}

// MARK: - Reading

extension RESTTarget {
    package func list() async throws(TargetError) -> [ObservedAccount] {
        guard let list = configuration.operations.list else { throw Self.unsupported("list") }
        var listing = RESTListing(list, limits: configuration.limits)
        while let query = listing.nextQuery {
            let answer = try answered(await send(list.operation, query: query))
            guard answer.isSuccess else { throw refusal(answer, isListing: true) }
            let page = try json(answer)
            guard let items = listing.items(in: page) else {
                throw TargetError(
                    .misconfigured, "the list is not where it should be in the answer", status: answer.status)
            }
            var accounts: [ObservedAccount] = []
            for item in items {
                guard let account = observed(item) else {
                    let key = configuration.keyPath.joined(separator: ".")
                    throw TargetError(.misconfigured, "an entry of the list has no \"\(key)\"", status: answer.status)
                }
                accounts.append(account)
            }
            try listing.take(accounts, of: page)
        }
        return listing.accounts
    }

    package func find(_ key: AccountKey) async throws(TargetError) -> ObservedAccount? {
        guard let find = configuration.operations.find else { throw Self.unsupported("find") }
        let answer = try answered(await send(find.operation, key: key))
        if find.missing.matches(answer) { return nil }
        guard answer.isSuccess else { throw refusal(answer) }
        let body = try json(answer)
        let isThis = { (account: ObservedAccount) in account.key.folded == key.folded }
        // A target may look an account up by query and answer with a list.
        if let entries = body.array {
            let accounts = entries.compactMap(observed)
            if accounts.count == entries.count { return accounts.first(where: isThis) }
        }
        guard let account = observed(body) else {
            throw TargetError(
                .misconfigured,
                "asked for one account, the target answered with something else",
                status: answer.status
            )
        }
        guard isThis(account) else {
            throw TargetError(
                .misconfigured,
                "asked for one account, the target answered with another",
                status: answer.status
            )
        }
        return account
    }

    /// The account in one of the target's objects; `nil` when there is no key in it.
    private func observed(_ object: JSONValue) -> ObservedAccount? {
        guard object.object != nil, let key = object[path: configuration.keyPath]?.scalarText, !key.isEmpty else {
            return nil
        }
        return ObservedAccount(
            key: AccountKey(key),
            remoteID: configuration.keyPath == ["id"] ? nil : object["id"]?.scalarText,
            attributes: object,
            isDisabled: configuration.operations.showsDisabled(object)
        )
    }

    private func json(_ answer: OutboundAnswer) throws(TargetError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: answer.body)
        } catch {
            throw TargetError(
                .misconfigured,
                answer.looksLikeHTML ? "the target answered with a web page" : "the target's answer is not JSON",
                status: answer.status
            )
        }
    }
}

// MARK: - Writing

extension RESTTarget {
    package func create(
        _ key: AccountKey,
        member: MemberID,
        body: JSONValue
    ) async throws(TargetError) -> CreateOutcome {
        guard let create = configuration.operations.create else { throw Self.unsupported("create") }
        let answer: OutboundAnswer
        switch try await send(create.operation, key: key, body: body, isRepeatable: false) {
        case .success(let found): answer = found
        // The target said yes before its answer broke off, or it says more than we care to read.
        case .failure(let error) where error.saysYes: return .created(nil)
        case .failure(let error): throw TargetError(error, isRepeatable: false)
        }
        if create.exists.matches(answer) { return .exists }
        if answer.isSuccess {
            // Whatever else a body may be, it is of use only when it shows this account.
            let account = (try? JSONValue(parsing: answer.body)).flatMap(observed)
            return .created(account?.key.folded == key.folded ? account : nil)
        }
        if answer.status == 404 {
            throw TargetError(.misconfigured, "creating was answered 404: the address is wrong", status: 404)
        }
        // A server that fails may have done half of it. Only "not now" says that nothing was done.
        let isNotNow = answer.status == 429 || answer.status == 503 && answer.header("retry-after") != nil
        if answer.isTransient, !isNotNow {
            throw TargetError(
                .uncertain,
                "creating was answered \(answer.status): it may have been carried out",
                status: answer.status
            )
        }
        throw refusal(answer)
    }

    package func update(
        _ key: AccountKey,
        observed: ObservedAccount?,
        to desired: JSONValue
    ) async throws(TargetError) {
        guard let update = configuration.operations.update else { throw Self.unsupported("update") }
        var body = observed?.attributes ?? desired
        if observed != nil {
            for leaf in desired.leaves { body = body.replacing(leaf.path[...], with: leaf.value) }
        }
        for path in configuration.secretPaths { body = body.removing(path[...]) }
        try await write(update, observed?.key ?? key, body: body)
    }

    package func disable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        guard let disable = configuration.operations.disable else { throw Self.unsupported("disable") }
        try await write(disable, observed?.key ?? key, body: disable.body)
    }

    package func enable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        guard let enable = configuration.operations.enable else { throw Self.unsupported("enable") }
        try await write(enable, observed?.key ?? key, body: enable.body)
    }

    package func delete(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        guard let delete = configuration.operations.delete else { throw Self.unsupported("delete") }
        do throws(TargetError) {
            try await write(delete, observed?.key ?? key, body: delete.body)
        } catch {
            guard error.code == .gone else { throw error }
        }
    }

    /// Changes an account that is there.
    ///
    /// The answer's body does not matter. The account is named as the target spells it, which may differ in case from
    /// how we would.
    private func write(
        _ operation: RESTTargetConfiguration.Operation,
        _ key: AccountKey,
        body: JSONValue?
    ) async throws(TargetError) {
        let outcome = try await send(operation, key: key, body: body)
        if case .failure(let error) = outcome, error.saysYes { return }
        let answer = try answered(outcome)
        if answer.isSuccess { return }
        if answer.status == 404 || answer.status == 410 {
            throw TargetError(.gone, "the account is not on the target", status: answer.status)
        }
        throw refusal(answer)
    }
}

// MARK: - What an answer means

extension RESTTarget {
    private func answered(_ outcome: Result<OutboundAnswer, OutboundError>) throws(TargetError) -> OutboundAnswer {
        switch outcome {
        case .success(let answer): return answer
        case .failure(let error): throw TargetError(error, isRepeatable: true)
        }
    }

    /// What a status other than 2xx means, when nothing special is known about the operation.
    private func refusal(_ answer: OutboundAnswer, isListing: Bool = false) -> TargetError {
        let status = answer.status
        let retryAfter = answer.retryAfter(at: clock.now())
        switch status {
        case 401, 403:
            return TargetError(.unauthorized, "the target refuses our credentials (\(status))", status: status)
        case 404 where isListing, 410 where isListing:
            return TargetError(.misconfigured, "listing was answered \(status): the address is wrong", status: status)
        case 405, 501:
            return TargetError(.unsupported, "the target does not offer this operation (\(status))", status: status)
        case 429:
            return TargetError(
                .rateLimited,
                "the target asks for fewer requests (429)",
                status: status,
                retryAfter: retryAfter
            )
        default:
            if answer.isTransient || status >= 500 {
                let detail = "the target answered \(status)"
                return TargetError(.unreachable, detail, status: status, retryAfter: retryAfter)
            }
            if isListing { return TargetError(.misconfigured, "listing was answered \(status)", status: status) }
            return TargetError(.rejected, "the target refused with \(status)", status: status)
        }
    }

    private static func unsupported(_ operation: String) -> TargetError {
        TargetError(.unsupported, "the target is configured without \"\(operation)\"")
    }
}

extension OutboundError {
    /// Whether the target had answered yes before the trouble came.
    fileprivate var saysYes: Bool { status.map { (200..<300).contains($0) } ?? false }
}

extension TargetError {
    fileprivate init(_ error: OutboundError, isRepeatable: Bool) {
        switch error.code {
        case .redirected, .tooLarge, .forbiddenHost:
            self.init(.misconfigured, error.detail, status: error.status)
        case .notSent, .noAnswer, .timedOut, .cancelled:
            let isUncertain = !isRepeatable && error.mayHaveHappened
            self.init(isUncertain ? .uncertain : .unreachable, error.detail, status: error.status)
        }
    }
}

extension RESTTargetConfiguration.Match {
    /// Whether the answer is the one meant: by its status, or by a text in its body.
    ///
    /// A success that is listed must show the text as well, and a text alone speaks for refusals only, unless no status
    /// is listed at all: a created account may hold any text.
    func matches(_ answer: OutboundAnswer) -> Bool {
        let showsText =
            bodyContains.map { text in
                String(decoding: answer.body, as: UTF8.self).lowercased().contains(text.lowercased())
            } ?? false
        if statuses.contains(answer.status) { return !answer.isSuccess || bodyContains == nil || showsText }
        return showsText && (statuses.isEmpty || !answer.isSuccess)
    }
}

extension RESTTargetConfiguration.Operations {
    /// Whether the object is that of a disabled account: it contains every field that a disabled one shows.
    func showsDisabled(_ object: JSONValue) -> Bool {
        guard let pattern = disabledWhen ?? disable?.body, pattern.object?.isEmpty == false else { return false }
        return object.contains(pattern)
    }
}

extension JSONValue {
    /// Whether every field of the pattern, at any depth, is here with the same value.
    fileprivate func contains(_ pattern: JSONValue) -> Bool {
        guard let fields = pattern.object else { return self == pattern }
        return fields.allSatisfy { self[$0.key]?.contains($0.value) == true }
    }

    /// The value without the leaf at the path.
    fileprivate func removing(_ path: ArraySlice<String>) -> JSONValue {
        guard let first = path.first, var members = object, let child = members[first] else { return self }
        if path.count == 1 {
            members[first] = nil
        } else {
            members[first] = child.removing(path.dropFirst())
        }
        return .object(members)
    }
}
