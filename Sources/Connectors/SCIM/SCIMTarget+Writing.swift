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
            let found = try await locate(key, observed)
            let outcome = await line.send(
                "DELETE", try await users(id: found.id), extra: Self.condition(found), isRepeatable: true)
            if case .failure(let error) = outcome, error.saysYes { return }
            let answer = try TargetLine.answered(outcome)
            if answer.isSuccess { return try TargetLine.refusePage(answer) }
            if answer.status == 404 || answer.status == 410 { return }
            throw line.refusal(answer, reason: SCIMError(answer).reason)
        } catch {
            guard error.code == .gone else { throw error }
        }
    }

    // MARK: Changing

    private static func condition(_ resource: SCIMResource) -> [(name: String, value: String)] {
        guard let version = resource.version, version.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return [] }
        return [(name: "If-Match", value: version)]
    }

    private enum Attempt {
        /// The account as it is now, where the server showed it.
        case done(SCIMResource?)
        /// Changed by another hand since it was read.
        case stale
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
        for _ in 0..<2 {
            let found = try await locate(key, observed)
            let patch = change(found)
            if patch.isEmpty { return found }
            var attempt = Attempt.unable(OutboundAnswer(status: 501))
            if await discovery.service().patch != false { attempt = try await send(patch, to: found) }
            if case .unable(let answer) = attempt { attempt = try await put(patch, to: found, insteadOf: answer) }
            switch attempt {
            case .done(let shown?):
                guard patch.mayGive(shown.key, to: found.key, at: configuration.keyPath) else {
                    throw TargetError(.rejected, "the id was given to another account while this one was changed")
                }
                return shown
            case .done(nil):
                guard let now = try await read(found.id) else {
                    throw TargetError(.gone, "the account went away while it was changed")
                }
                return now
            case .stale, .unable: continue
            }
        }
        throw TargetError(.rejected, "the account changes while it is changed here (412)", status: 412)
    }

    private func send(_ patch: SCIMPatch, to found: SCIMResource) async throws(TargetError) -> Attempt {
        let url = try await users(id: found.id)
        let outcome = await line.send("PATCH", url, body: patch.body, extra: Self.condition(found))
        if case .failure(let error) = outcome, error.saysYes { return .done(nil) }
        let answer = try TargetLine.answered(outcome)
        let error = SCIMError(answer)
        switch answer.status {
        case 200..<300: return try done(answer)
        case 412: return .stale
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
        let outcome = await line.send("PUT", url, body: .object(object), extra: Self.condition(found))
        if case .failure(let error) = outcome, error.saysYes { return .done(nil) }
        let answer = try TargetLine.answered(outcome)
        switch answer.status {
        case 200..<300: return try done(answer)
        case 412: return .stale
        case 404, 410: throw TargetError(.gone, "the account is not on the target", status: answer.status)
        case 405, 501:
            // Neither way: the first refusal is the one that says why.
            throw line.refusal(refused, reason: SCIMError(refused).reason)
        default: throw line.refusal(answer, reason: SCIMError(answer).reason)
        }
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
