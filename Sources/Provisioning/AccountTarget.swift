// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// An account as its target shows it.
package struct ObservedAccount: Sendable, Hashable {
    package let key: AccountKey
    /// The target's own id, where it has one beside the key.
    ///
    /// A hint: a wiped target gives it to somebody else.
    package let remoteID: String?
    /// The whole object as it was read.
    package let attributes: JSONValue
    package let isDisabled: Bool
    /// Whose account it is, where the target keeps our word for it; `nil` when it does not say.
    ///
    /// Names nobody ours by itself: only a link or an intent does. An account of another member is never written to.
    package let owner: MemberID?

    package init(
        key: AccountKey,
        remoteID: String? = nil,
        attributes: JSONValue,
        isDisabled: Bool = false,
        owner: MemberID? = nil
    ) {
        self.key = key
        self.remoteID = remoteID
        self.attributes = attributes
        self.isDisabled = isDisabled
        self.owner = owner
    }

    /// Whether the target says that the account is for somebody else.
    package func belongsToAnother(than member: MemberID) -> Bool { owner.map { $0 != member } ?? false }
}

extension ObservedAccount: Packable {
    /// Whose it is, without a look at what it says.
    package struct Head: Unpackable {
        package let key: AccountKey
        package let owner: MemberID?

        package init(unpacking reader: inout PackedReader) {
            key = AccountKey(reader.readName())
            owner = reader.readText().map { MemberID($0) }
        }
    }

    package func pack(into writer: inout PackedWriter) {
        writer.write(key.rawValue)
        writer.write(owner?.rawValue)
        writer.write(isDisabled)
        writer.write(remoteID)
        writer.write(attributes.text)
    }

    package init(unpacking reader: inout PackedReader) {
        let head = Head(unpacking: &reader)
        var flags = reader.readFlags()
        self.init(
            key: head.key,
            remoteID: reader.readText(),
            attributes: (try? JSONValue(parsing: reader.readName())) ?? .null,
            isDisabled: flags.next(),
            owner: head.owner
        )
    }
}

/// What a target can do.
///
/// A target without `find` and `list` is compared with our own ledger.
package struct TargetOperations: OptionSet, Sendable, Hashable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let create = TargetOperations(rawValue: 1 << 0)
    package static let find = TargetOperations(rawValue: 1 << 1)
    package static let list = TargetOperations(rawValue: 1 << 2)
    package static let update = TargetOperations(rawValue: 1 << 3)
    package static let disable = TargetOperations(rawValue: 1 << 4)
    package static let enable = TargetOperations(rawValue: 1 << 5)
    package static let delete = TargetOperations(rawValue: 1 << 6)
    package static let standard: TargetOperations = [.create, .find, .list, .update, .disable, .enable, .delete]

    /// Whether the target shows what it holds.
    package var isObservable: Bool { contains(.find) || contains(.list) }
}

/// What came of a creation that was answered.
package enum CreateOutcome: Sendable, Hashable {
    /// The account was made; the target's object where it sent one.
    case created(ObservedAccount?)
    /// The target says that an account with this key exists.
    case exists
    /// An account with this key exists, and the target says that it is another member's.
    case taken(by: MemberID)
}

/// Port: a system that holds accounts.
///
/// Every implementation passes one conformance suite.
///
/// Implementations keep to the target's limits (concurrency, rate, time-outs, retries with `Retry-After`) and repeat
/// only what is safe to repeat: a creation whose outcome is unknown is thrown as ``TargetError/Code/uncertain`` and
/// never sent twice without a look-up in between.
package protocol AccountTarget: Sendable {
    var operations: TargetOperations { get }

    /// Where the target's answers arrive, if that is one place.
    ///
    /// Tasks that do little else but ask it run there, so that no thread has to wake another one for each answer.
    var executor: (any TaskExecutor)? { get }

    /// Every account, every page.
    /// - Throws: ``TargetError``; an answer that is not clearly a whole list is ``TargetError/Code/misconfigured``.
    func list() async throws(TargetError) -> PackedList<ObservedAccount>

    /// The account with this key, or `nil` when the target says that there is none.
    func find(_ key: AccountKey) async throws(TargetError) -> ObservedAccount?

    /// Makes an account from the rendered template, password included.
    func create(_ key: AccountKey, member: MemberID, body: JSONValue) async throws(TargetError) -> CreateOutcome

    /// Replaces the mapped leaves in the object that was found.
    ///
    /// `observed` is `nil` on a target that shows nothing.
    func update(_ key: AccountKey, observed: ObservedAccount?, to desired: JSONValue) async throws(TargetError)

    func disable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError)
    func enable(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError)
    /// An account that is already gone counts as deleted.
    func delete(_ key: AccountKey, observed: ObservedAccount?) async throws(TargetError)
}

extension AccountTarget {
    package var executor: (any TaskExecutor)? { nil }
}

/// Why a target did not do what it was asked.
package struct TargetError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Codable, CaseIterable {
        /// 401 or 403: our credentials are refused.
        ///
        /// The run stops for this target (exit code 5).
        case unauthorized = "target.unauthorized"
        /// No connection, or 5xx after every retry (exit code 5).
        case unreachable = "target.unreachable"
        /// A listing answered 404, HTML, or entries without keys: a wrong address or shape (exit code 5).
        case misconfigured = "target.misconfigured"
        /// 429 after every retry, or with a wait that no run waits for.
        case rateLimited = "target.rate_limited"
        /// The account that was to be changed is not there.
        case gone = "target.gone"
        /// The target refuses this object: 400, 409, 422 …
        case rejected = "target.rejected"
        /// The request may or may not have been carried out.
        case uncertain = "target.uncertain"
        /// The target has no such operation.
        case unsupported = "target.unsupported"
    }

    package let code: Code
    /// What happened, safe to show: no header, no secret, and of a body at most a SCIM error's own explanation, cut.
    package let detail: String
    /// The HTTP status where one was answered.
    package let status: Int?
    package let retryAfter: Duration?

    package init(_ code: Code, _ detail: String, status: Int? = nil, retryAfter: Duration? = nil) {
        self.code = code
        self.detail = detail
        self.status = status
        self.retryAfter = retryAfter
    }

    package var description: String { detail }

    /// No run waits longer for a target that asks it to.
    package static let longestWait = Duration.seconds(120)

    /// Whether it says of a look at the accounts that the target cannot be looked at now.
    package var stopsLook: Bool { stopsTarget || code == .rateLimited }

    /// Whether the whole target is meant, so that trying the next account makes no sense.
    package var stopsTarget: Bool {
        switch code {
        case .unauthorized, .unreachable, .misconfigured: true
        case .rateLimited: (retryAfter ?? .zero) > Self.longestWait
        case .gone, .rejected, .uncertain, .unsupported: false
        }
    }
}
