// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON
package import Time

/// The stored pair of a member and an account: what makes an account ours.
package struct Link: Sendable, Hashable, Codable {
    package enum State: String, Sendable, Codable {
        case active
        /// Switched off because the member left, by us or found so; kept until its grace ends, or for ever.
        case disabled
        /// Deleted by us. The tombstone stays, so that a late event cannot bring the account back to somebody else.
        case deleted
    }

    package enum Origin: String, Sendable, Codable {
        case created, adopted
    }

    package var target: TargetName
    package var member: MemberID
    package var key: AccountKey
    /// A hint, checked before use.
    package var remoteID: String?
    package var state: State
    package var origin: Origin
    /// The mapped attributes as we last wrote or adopted them, without passwords.
    package var written: JSONText
    package var linkedAt: Timestamp
    /// Since when the account is disabled, as far as we know.
    package var disabledAt: Timestamp?
    /// Counts up when the member asks for a new password.
    package var passwordGeneration: Int
    /// The template's key in whose place ``key`` was chosen, by a person or by `collision: suffix`.
    ///
    /// As long as the template gives that key, the account keeps the one it has.
    package var standsFor: AccountKey?
    /// With `rename: recreate`: the account that the member had before and that is still to be switched off.
    package var formerKey: AccountKey?
    /// A person gave a leaver's account back: it stays on until the member has returned and left again.
    package var isRestored: Bool

    package init(
        target: TargetName,
        member: MemberID,
        key: AccountKey,
        remoteID: String? = nil,
        state: State = .active,
        origin: Origin = .created,
        written: JSONText,
        linkedAt: Timestamp,
        disabledAt: Timestamp? = nil,
        passwordGeneration: Int = 0,
        standsFor: AccountKey? = nil,
        formerKey: AccountKey? = nil,
        isRestored: Bool = false
    ) {
        self.target = target
        self.member = member
        self.key = key
        self.remoteID = remoteID
        self.state = state
        self.origin = origin
        self.written = written
        self.linkedAt = linkedAt
        self.disabledAt = disabledAt
        self.passwordGeneration = passwordGeneration
        self.standsFor = standsFor
        self.formerKey = formerKey
        self.isRestored = isRestored
    }
}

extension Link: Packable {
    /// Whose it is, without the rest.
    package struct Head: Unpackable {
        package let member: MemberID

        package init(unpacking reader: inout PackedReader) {
            _ = reader.readText()
            member = MemberID(reader.readName())
        }
    }

    package func pack(into writer: inout PackedWriter) {
        writer.write(target.rawValue)
        writer.write(member.rawValue)
        writer.write(key.rawValue)
        writer.write(remoteID)
        writer.write(written.text)
        writer.write(standsFor?.rawValue)
        writer.write(formerKey?.rawValue)
        writer.write(
            state == .disabled, state == .deleted, origin == .adopted, isRestored, disabledAt != nil)
        writer.write(linkedAt.milliseconds)
        writer.write(disabledAt?.milliseconds ?? 0)
        writer.write(Int64(passwordGeneration))
    }

    package init(unpacking reader: inout PackedReader) {
        target = TargetName(reader.readName())
        member = MemberID(reader.readName())
        key = AccountKey(reader.readName())
        remoteID = reader.readText()
        written = JSONText(trusting: reader.readName())
        standsFor = reader.readText().map { AccountKey($0) }
        formerKey = reader.readText().map { AccountKey($0) }
        var flags = reader.readFlags()
        let (isDisabled, isDeleted) = (flags.next(), flags.next())
        state = isDeleted ? .deleted : isDisabled ? .disabled : .active
        origin = flags.next() ? .adopted : .created
        isRestored = flags.next()
        let hasDisabledAt = flags.next()
        linkedAt = Timestamp(milliseconds: reader.readNumber())
        let disabled = reader.readNumber()
        disabledAt = hasDisabledAt ? Timestamp(milliseconds: disabled) : nil
        passwordGeneration = Int(reader.readNumber())
    }
}

extension Link {
    /// The same account under another key.
    /// - Parameter written: `nil` when nothing but the key was written.
    package mutating func move(to key: AccountKey, written: JSONText?, at keyPath: [String]) {
        self.key = key
        let text = written ?? self.written
        self.written = JSONText(text.value.replacing(keyPath[...], with: .string(key.rawValue)))
    }
}

/// Committed before an account is made or moved to another key: if the answer is lost, the account that is found later is
/// ours.
package struct CreateIntent: Sendable, Hashable, Codable {
    package var target: TargetName
    package var member: MemberID
    package var key: AccountKey
    package var startedAt: Timestamp
    /// As ``Link/standsFor``.
    package var standsFor: AccountKey?
    /// The key that the member's account has until then, when it is moved; `nil` when one is made.
    package var movesFrom: AccountKey?

    package init(
        target: TargetName,
        member: MemberID,
        key: AccountKey,
        startedAt: Timestamp,
        standsFor: AccountKey? = nil,
        movesFrom: AccountKey? = nil
    ) {
        self.target = target
        self.member = member
        self.key = key
        self.startedAt = startedAt
        self.standsFor = standsFor
        self.movesFrom = movesFrom
    }
}
