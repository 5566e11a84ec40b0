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
    private let line: TargetLine

    /// - Throws: ``TargetError/Code/misconfigured`` when the URL is no web address on one of the listed hosts, a header
    ///   cannot be sent as it is, a path has other names than `key`, or an operation on one account does not name it.
    package init(
        _ configuration: RESTTargetConfiguration,
        http: OutboundHTTP,
        clock: WallClock = .system
    ) throws(TargetError) {
        self.configuration = configuration
        address = try RESTAddress(configuration)
        operations = configuration.operations.offered
        line = TargetLine(
            hosts: configuration.hosts,
            headers: try TargetHeaders.of(
                mediaType: "application/json",
                accept: "application/json",
                authentication: configuration.authentication,
                given: configuration.headers
            ),
            limits: configuration.limits,
            http: http,
            clock: clock
        )
    }

    package var executor: (any TaskExecutor)? { line.executor(for: configuration.url) }

    /// One request to the target, paced, repeated where that is safe.
    func send(
        _ operation: RESTTargetConfiguration.Operation,
        key: AccountKey? = nil,
        query: [(name: String, value: String)] = [],
        body: JSONValue? = nil,
        isRepeatable: Bool = true
    ) async throws(TargetError) -> Result<OutboundAnswer, OutboundError> {
        let url = try address.url(path: operation.path, key: key, query: query)
        return await line.send(operation.method, url, body: body, isRepeatable: isRepeatable)
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
    package func list() async throws(TargetError) -> PackedList<ObservedAccount> {
        guard let list = configuration.operations.list else { throw Self.unsupported("list") }
        var listing = RESTListing(list, limits: configuration.limits)
        while let query = listing.nextQuery {
            let answer = try TargetLine.answered(await send(list.operation, query: query))
            guard list.operation.succeeded(answer) else {
                throw list.operation.failure(answer, line, isListing: true)
            }
            let page = try TargetLine.json(answer)
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
        let answer = try TargetLine.answered(await send(find.operation, key: key))
        if find.missing.matches(answer) { return nil }
        guard find.operation.succeeded(answer) else { throw find.operation.failure(answer, line) }
        let body = try TargetLine.json(answer)
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
        if create.exists.matches(answer) { return try await existing(key, answer) }
        guard create.operation.succeeded(answer) else {
            throw answer.isSuccess ? create.operation.failure(answer, line) : line.creationRefusal(answer)
        }
        if create.operation.success == nil, answer.isWebPage {
            // A login's page, most likely, and nothing was made. Where one can look, that is found out.
            let code: TargetError.Code = configuration.operations.find == nil ? .misconfigured : .uncertain
            throw TargetError(code, "creating was answered with a web page", status: answer.status)
        }
        // Whatever else a body may be, it is of use only when it shows this account.
        let account = (try? JSONValue(parsing: answer.body)).flatMap(observed)
        return .created(account?.key.folded == key.folded ? account : nil)
    }

    /// What "it exists" means: some say so of another field that is taken, or of any conflict.
    ///
    /// Where one look tells, it is taken; a look that fails tells nothing.
    private func existing(_ key: AccountKey, _ answer: OutboundAnswer) async throws(TargetError) -> CreateOutcome {
        guard configuration.operations.find != nil else { return .exists }
        do throws(TargetError) {
            if try await find(key) != nil { return .exists }
        } catch {
            return .exists
        }
        throw TargetError(
            .rejected,
            "the target says that the account exists (\(answer.status)) and shows none: another field may be taken",
            status: answer.status
        )
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
        let answer = try TargetLine.answered(outcome)
        if operation.succeeded(answer) {
            try operation.refusePage(answer)
            return
        }
        if answer.status == 404 || answer.status == 410 {
            throw TargetError(.gone, "the account is not on the target", status: answer.status)
        }
        throw operation.failure(answer, line)
    }
}

extension RESTTarget {
    private static func unsupported(_ operation: String) -> TargetError {
        TargetError(.unsupported, "the target is configured without \"\(operation)\"")
    }
}

// MARK: - What an answer means

extension RESTTargetConfiguration.Operation {
    /// Whether the answer says that the operation was carried out: by its pattern where it has one, else by its status.
    fileprivate func succeeded(_ answer: OutboundAnswer) -> Bool {
        success?.confirms(answer) ?? answer.isSuccess
    }

    /// Refuses a yes that comes as a web page, unless the operator said what a yes looks like.
    fileprivate func refusePage(_ answer: OutboundAnswer) throws(TargetError) {
        if success == nil { try TargetLine.refusePage(answer) }
    }

    /// What an answer means that is no success.
    fileprivate func failure(
        _ answer: OutboundAnswer, _ line: TargetLine, isListing: Bool = false
    ) -> TargetError {
        guard answer.isSuccess else { return line.refusal(answer, isListing: isListing) }
        return TargetError(
            isListing ? .misconfigured : .rejected,
            "the target answered \(answer.status), and not as a success looks",
            status: answer.status
        )
    }
}

extension RESTTargetConfiguration.Match {
    /// Whether the answer is the one meant: by its status, or by a text in its body.
    ///
    /// A success that is listed must show the text as well, and a text alone speaks for refusals only, unless no status
    /// is listed at all: a created account may hold any text.
    func matches(_ answer: OutboundAnswer) -> Bool {
        if statuses.contains(answer.status) { return !answer.isSuccess || showsText(answer) != false }
        return (statuses.isEmpty || !answer.isSuccess) && showsText(answer) == true
    }

    /// Whether the answer is the success meant: by its status, any 2xx where none is listed, and by the text as well.
    func confirms(_ answer: OutboundAnswer) -> Bool {
        (statuses.isEmpty ? answer.isSuccess : statuses.contains(answer.status)) && showsText(answer) != false
    }

    /// `nil` when no text is asked for.
    private func showsText(_ answer: OutboundAnswer) -> Bool? {
        bodyContains.map { String(decoding: answer.body, as: UTF8.self).lowercased().contains($0.lowercased()) }
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
}
