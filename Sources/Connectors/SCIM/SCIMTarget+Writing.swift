// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
package import Provisioning

extension SCIMTarget {
    package func create(
        _ key: AccountKey,
        member: MemberID,
        body: JSONValue
    ) async throws(TargetError) -> CreateOutcome {
        let answer: OutboundAnswer
        let url = try await users()
        switch await line.send("POST", url, body: resource(body, for: member), isRepeatable: false) {
        case .success(let found): answer = found
        // The server said yes before its answer broke off, or it says more than we care to read.
        case .failure(let error) where error.saysYes: return .created(nil)
        case .failure(let error): throw TargetError(error, isRepeatable: false)
        }
        if answer.isSuccess {
            if answer.isWebPage {
                throw TargetError(.uncertain, "creating was answered with a web page", status: answer.status)
            }
            let body = try? JSONValue(parsing: answer.body)
            let made = body.flatMap {
                SCIMResource($0, keyPath: configuration.keyPath, version: answer.header("etag"))
            }
            // Whatever else a body may be, it is of use only when it shows this account.
            return .created(made?.key.folded == key.folded ? made.map(account) : nil)
        }
        let secrets = configuration.secretPaths.compactMap { body[path: $0]?.scalarText }
        let error = SCIMError(answer, hiding: secrets)
        if error.isUniqueness(answer.status) { return try await conflict(key, member, answer, error) }
        throw line.creationRefusal(answer, reason: error.reason)
    }

    /// What a conflict means: whose account is in the way.
    ///
    /// Never takes one over: that is for the links and intents of the caller to say, and only of an account that is not
    /// marked as somebody else's.
    private func conflict(
        _ key: AccountKey,
        _ member: MemberID,
        _ answer: OutboundAnswer,
        _ error: SCIMError
    ) async throws(TargetError) -> CreateOutcome {
        if let found = try await lookUp(key) {
            let account = account(found)
            if let owner = account.owner, owner != member { return .taken(by: owner) }
            return .exists
        }
        if !configuration.mapsExternalID, try await !lookUp(owner: member).isEmpty {
            throw TargetError(
                .rejected,
                "the target has an account of this member under another key (\(answer.status))",
                status: answer.status
            )
        }
        let reason = error.reason.map { ": \($0)" } ?? ""
        throw TargetError(
            .rejected,
            "the target says that the account exists (\(answer.status)) and shows none\(reason)",
            status: answer.status
        )
    }

    /// The user that is sent: the template's, with what the protocol asks for.
    private func resource(_ body: JSONValue, for member: MemberID) -> JSONValue {
        let mapped = SCIMName.respelled(body).withoutNulls?.object ?? [:]
        let urns = mapped.keys.filter(SCIMName.isExtension)
        var object: JSONObject = ["schemas": .array(([SCIMName.user] + urns).map { .string($0) })]
        if !configuration.mapsExternalID { object["externalId"] = .string(member.rawValue) }
        object["active"] = true
        for (name, value) in mapped { object[name] = value }
        return .object(object)
    }

    package func update(
        _ key: AccountKey,
        observed: ObservedAccount?,
        to desired: JSONValue
    ) async throws(TargetError) {
        let desired = SCIMName.respelled(desired)
        try await modify(key, observed) { found in
            var patch = SCIMPatch()
            for leaf in desired.leaves where !configuration.secretPaths.contains(leaf.path) {
                patch.set(leaf.path, to: leaf.value, in: found.object)
            }
            return patch
        }
    }

    package func disable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        try await setActive(false, key, observed)
    }

    package func enable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        try await setActive(true, key, observed)
    }

    /// Touches the one flag, and looks whether it was kept: some servers take it and do nothing.
    private func setActive(_ isActive: Bool, _ key: AccountKey, _ observed: ObservedAccount?) async throws(TargetError)
    {
        let shown = try await modify(key, observed) { found in
            var patch = SCIMPatch()
            if found.isDisabled == isActive || found.object["active"] == nil {
                patch.replace(["active"], with: .bool(isActive))
            }
            return patch
        }
        if shown.isDisabled == isActive {
            throw TargetError(.rejected, "the target took the change and left the account \(isActive ? "off" : "on")")
        }
    }

    package func delete(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError) {
        do throws(TargetError) {
            if try await deleteOnce(key, observed) { return }
            guard try await deleteOnce(key, observed) else {
                throw TargetError(.unreachable, "deleting fails, and the account changes meanwhile")
            }
        } catch {
            guard error.code == .gone else { throw error }
        }
    }

    /// - Returns: False when a try failed and the id leads elsewhere since: then it is for the caller to look anew.
    private func deleteOnce(_ key: AccountKey, _ observed: ObservedAccount?) async throws(TargetError) -> Bool {
        let found = try await locate(key, observed)
        let url = try await users(id: found.id)
        let outcome = await line.send("DELETE", url, extra: Self.condition(found)) { await isStill(found) }
        if case .failure(let error) = outcome {
            if error.saysYes { return true }
            if error.code == .withdrawn { return false }
        }
        let answer = try TargetLine.answered(outcome)
        if answer.isSuccess {
            try TargetLine.refusePage(answer)
            return true
        }
        if answer.status == 404 || answer.status == 410 { return true }
        throw line.refusal(answer, reason: SCIMError(answer).reason)
    }

    // MARK: Changing

    private static func condition(_ resource: SCIMResource) -> [(name: String, value: String)] {
        guard let version = resource.version, version.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return [] }
        return [(name: "If-Match", value: version)]
    }

    private static let conflicting = TargetError(
        .rejected, "the account changes while it is changed here (412)", status: 412)

    private enum Attempt {
        /// The account as it is now, where the server showed it.
        case done(SCIMResource?)
        /// Changed by another hand since it was read: it is to be read again, and the error is for want of a next time.
        case stale(TargetError)
        /// The server cannot do it so.
        case unable(OutboundAnswer)
    }

    /// Reads an account, works out what to change, and changes it; once more when another hand was faster.
    /// - Returns: The account as the server shows it afterwards.
    @discardableResult
    private func modify(
        _ key: AccountKey,
        _ observed: ObservedAccount?,
        _ change: (SCIMResource) -> SCIMPatch
    ) async throws(TargetError) -> SCIMResource {
        var last = Self.conflicting
        for _ in 0..<2 {
            let found = try await locate(key, observed)
            let patch = change(found)
            if patch.isEmpty { return found }
            var attempt = Attempt.unable(OutboundAnswer(status: 501))
            if await discovery.service().patch != false { attempt = try await send(patch, to: found) }
            if case .unable(let answer) = attempt { attempt = try await put(patch, to: found, insteadOf: answer) }
            switch attempt {
            case .done(let shown): return try await confirmed(shown, found, patch)
            case .stale(let error): last = error
            case .unable: continue
            }
        }
        throw last
    }

    /// The account after a change, when it is still the one that was to be changed.
    ///
    /// A server that was wiped between reading and writing may have given the id to somebody else: too late to undo, and
    /// not to be kept quiet. What was written over is told by when it was made.
    private func confirmed(
        _ shown: SCIMResource?,
        _ found: SCIMResource,
        _ patch: SCIMPatch
    ) async throws(TargetError) -> SCIMResource {
        let mixUp = TargetError(.rejected, "the id was given to another account while this one was changed")
        if let shown {
            if isSame(shown, as: found, after: patch) { return shown }
            guard patch.mayGive(shown.key, to: found.key, at: configuration.keyPath) else { throw mixUp }
        }
        // No answer to speak of, or one that differs in how it writes a date: a look tells.
        guard let now = try await read(found.id) else {
            throw TargetError(.gone, "the account went away while it was changed")
        }
        guard isSame(now, as: found, after: patch) else { throw mixUp }
        return now
    }

    /// Whether two sights of an id are of one account: of one key, member and time of creation, as far as they are shown.
    private func isSame(_ now: SCIMResource, as found: SCIMResource, after patch: SCIMPatch) -> Bool {
        guard now.id == found.id, patch.mayGive(now.key, to: found.key, at: configuration.keyPath) else { return false }
        if let made = found.created, let created = now.created, made != created { return false }
        return account(found).owner.map { !account(now).belongsToAnother(than: $0) } ?? true
    }

    /// Whether the id still leads to the account: asked before a request is repeated, for the server may have been away
    /// because it was wiped.
    private func isStill(_ found: SCIMResource, after patch: SCIMPatch = SCIMPatch()) async -> Bool {
        guard let now = try? await read(found.id, retries: 0) else { return false }
        return isSame(now, as: found, after: patch)
    }

    private func send(_ patch: SCIMPatch, to found: SCIMResource) async throws(TargetError) -> Attempt {
        let url = try await users(id: found.id)
        let outcome = await line.send("PATCH", url, body: patch.body, extra: Self.condition(found)) {
            await isStill(found, after: patch)
        }
        if let attempt = Self.attempt(outcome) { return attempt }
        let answer = try TargetLine.answered(outcome)
        let error = SCIMError(answer)
        switch answer.status {
        case 200..<300: return try done(answer)
        case 412: return .stale(Self.conflicting)
        case 405, 501:
            await discovery.cannotPatch()
            return .unable(answer)
        // It was there a moment ago: either it went, or it is the method that is not found or not allowed.
        case 403, 404, 410: return .unable(answer)
        case 400 where ["invalidValue", "mutability", "uniqueness"].allSatisfy({ $0 != error.type }):
            return .unable(answer)
        default: throw line.refusal(answer, reason: error.reason)
        }
    }

    /// Replaces the whole resource by what was found with the changes in it (RFC 7644 §3.5.1): what is not sent would be
    /// cleared.
    private func put(
        _ patch: SCIMPatch,
        to found: SCIMResource,
        insteadOf refused: OutboundAnswer
    ) async throws(TargetError) -> Attempt {
        var object = patch.applied(to: found.object).object ?? [:]
        for readOnly in ["meta", "groups", "password"] { object[readOnly] = nil }
        let url = try await users(id: found.id)
        let outcome = await line.send("PUT", url, body: .object(object), extra: Self.condition(found)) {
            await isStill(found, after: patch)
        }
        if let attempt = Self.attempt(outcome) { return attempt }
        let answer = try TargetLine.answered(outcome)
        switch answer.status {
        case 200..<300: return try done(answer)
        case 412: return .stale(Self.conflicting)
        case 404, 410: throw TargetError(.gone, "the account is not on the target", status: answer.status)
        case 405, 501:
            // Neither way: the first refusal is the one that says why.
            throw line.refusal(refused, reason: SCIMError(refused).reason)
        default: throw line.refusal(answer, reason: SCIMError(answer).reason)
        }
    }

    /// What came of a change that has no whole answer and is no plain failure.
    private static func attempt(_ outcome: Result<OutboundAnswer, OutboundError>) -> Attempt? {
        guard case .failure(let error) = outcome else { return nil }
        if error.saysYes { return .done(nil) }
        return error.code == .withdrawn ? .stale(TargetError(error, isRepeatable: true)) : nil
    }

    private func done(_ answer: OutboundAnswer) throws(TargetError) -> Attempt {
        try TargetLine.refusePage(answer)
        let body = try? JSONValue(parsing: answer.body)
        return .done(
            body.flatMap { SCIMResource($0, keyPath: configuration.keyPath, version: answer.header("etag")) })
    }
}

extension JSONValue {
    /// Without nulls and what is empty for want of anything else: to SCIM they are the same as nothing (RFC 7643 §2.5).
    fileprivate var withoutNulls: JSONValue? {
        switch self {
        case .null: return nil
        case .object(let members):
            let kept = members.compactMap { key, child in child.withoutNulls.map { (key, $0) } }
            return kept.isEmpty ? nil : .object(JSONObject(kept))
        case .array(let elements):
            let kept = elements.compactMap(\.withoutNulls)
            return kept.isEmpty ? nil : .array(kept)
        case .bool, .number, .string: return self
        }
    }
}
