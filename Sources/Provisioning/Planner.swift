// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
package import Time

/// What is known of a target's accounts when a plan is made.
package enum Observation: Sendable {
    /// The target was listed completely.
    case listed(PackedList<ObservedAccount>)
    /// Some keys were looked up, each with its answer; other keys are unknown.
    case lookedUp([AccountKey: ObservedAccount?])
    /// The target shows nothing: our own ledger is all there is.
    case ledger
}

/// Compares who should have an account with what the target shows, and says what to do.
///
/// Pure: no clock, no network.
package struct Planner: Sendable {
    private let target: Target
    private let listings: MemberSnapshot
    private let now: Timestamp
    /// On an ephemeral target without `find` and `list`: act as if it had been wiped.
    private let assumesWipe: Bool

    package init(target: Target, listings: MemberSnapshot, now: Timestamp, assumesWipe: Bool = false) {
        self.target = target
        self.listings = listings
        self.now = now
        self.assumesWipe = assumesWipe
    }

    /// Makes the plan for the given members.
    /// - Parameters:
    ///   - members: Whom the plan is about: everybody in a full run, one in a member's sync.
    ///   - links: Links of this target: of the members, and of whoever holds a key that they may want.
    ///   - intents: Create intents of this target.
    ///   - observation: What the target shows.
    package func plan(
        for members: some Collection<Member>,
        links: some Collection<Link>,
        intents: [CreateIntent],
        observation: Observation
    ) -> Plan {
        plan(
            for: PackedList(members), links: PackedList(links), intents: intents,
            observed: ObservedAccounts(observation))
    }

    /// As ``plan(for:links:intents:observation:)``, over what is looked up more than once.
    package func plan(
        for members: PackedList<Member>,
        links: PackedList<Link>,
        intents: [CreateIntent],
        observed: ObservedAccounts
    ) -> Plan {
        var draft = Draft(links: links, intents: intents, observed: observed)
        draft.keepFormerKeys(besides: members)
        // Those who should have an account, and what each key is wanted by: places in the list, for of a large workspace
        // everybody's account at once would be too much.
        var wanting: [Int] = []
        var rivals: [String: [Int]] = [:]
        for place in Self.order(members) {
            let member = members[place]
            planSettled(member.id, &draft)
            switch target.standing(of: member, in: listings) {
            case .skipped(let reason): planExcluded(member, reason, &draft)
            case .included:
                guard let key = target.template.key(for: member, in: listings) else {
                    draft.findings.append(Finding(.skipped, member: member.id, reason: .keyMissing))
                    continue
                }
                wanting.append(place)
                let folded = draft.chosen(key, for: member.id).folded
                if let other = draft.wantedKeys.updateValue(Int32(clamping: place), forKey: folded) {
                    rivals[folded, default: [Int(other)]].append(place)
                }
            }
        }
        planMoves(of: wanting, members, rivals, &draft)
        for place in wanting {
            let member = members[place]
            guard let account = desired(member, draft) else { continue }
            guard let others = rivals[account.key.folded] else {
                planIncluded(member, account, &draft)
                continue
            }
            guard others.first == place else { continue }
            planRivals(
                others.compactMap { place in
                    let member = members[place]
                    return desired(member, draft).map { (member, $0) }
                },
                &draft
            )
        }
        planLatecomers(&draft)
        var changes: [Change] = []
        // Handed over: the draft would hold them a second time.
        swap(&changes, &draft.changes)
        return Plan(
            target: target.name,
            changes: changes,
            findings: draft.findings,
            unchanged: draft.unchanged
        )
    }

    /// Places of the members by id, because Slack lists people in no particular order; of a member listed twice the
    /// newest record counts.
    private static func order(_ members: PackedList<Member>) -> [Int] {
        var heads = members.indices.map { (place: $0, head: members.head(at: $0, as: Member.Head.self)) }
        heads.sort { ($0.head.id, $1.head.updated) < ($1.head.id, $0.head.updated) }
        var last: MemberID?
        return heads.compactMap { entry in
            defer { last = entry.head.id }
            return entry.head.id == last ? nil : entry.place
        }
    }

    private func desired(_ member: Member, _ draft: Draft) -> DesiredAccount? {
        target.template.account(for: member, in: listings).map { $0.renamed(to: draft.chosen($0.key, for: member.id)) }
    }

    private func planExcluded(_ member: Member, _ reason: SkipReason, _ draft: inout Draft) {
        if reason.meansLeft, let link = draft.link(of: member.id), link.state != .deleted {
            planLeaver(link, reason, &draft)
        } else if reason.meansLeft, target.leavers != .keep, let key = draft.made(by: member.id), !isProtected(key) {
            // Made by us, but the answer was lost and the member left before it could be linked.
            let link = Link(target: target.name, member: member.id, key: key, written: [:], linkedAt: now)
            draft.changes.append(Change(kind: .link, member: member.id, key: key, reason: .recovered))
            planLeaver(link, reason, &draft)
        } else {
            draft.findings.append(Finding(.skipped, member: member.id, reason: reason))
        }
    }

    /// Who of those that come out with one key has it, or may have it.
    private func incumbent(of rivals: [(member: MemberID, key: AccountKey)], _ draft: Draft) -> MemberID? {
        if let incumbent = draft.incumbent(of: rivals) { return incumbent }
        guard target.collision == .suffix, let key = rivals.first?.key, draft.owners[key.folded] == nil else {
            return nil
        }
        return rivals.map(\.member).min()
    }

    /// Those who come out with one key: the incumbent keeps it, and who else wants it is held, all of them when there is
    /// no incumbent.
    private func planRivals(_ rivals: [(member: Member, account: DesiredAccount)], _ draft: inout Draft) {
        let incumbent = self.incumbent(of: rivals.map { ($0.member.id, $0.account.key) }, draft)
        for rival in rivals {
            if rival.member.id == incumbent {
                planIncluded(rival.member, rival.account, &draft)
                continue
            }
            // An account that an earlier creation left behind is this member's, under whatever key.
            if draft.isNewcomer(rival.member.id), draft.recovered(rival.member.id) != nil {
                planIncluded(rival.member, rival.account, &draft)
                continue
            }
            if target.collision == .suffix, draft.isNewcomer(rival.member.id) {
                draft.latecomers.append(rival)
                continue
            }
            let other = incumbent ?? rivals.first { $0.member.id != rival.member.id }?.member.id
            draft.findings.append(Finding(.collision, member: rival.member.id, key: rival.account.key, other: other))
            // Who has an account under another key keeps it, and keeps it right.
            if let link = draft.link(of: rival.member.id), link.state != .deleted {
                planLinked(rival.member, rival.account.renamed(to: link.key), link, &draft)
            }
        }
    }

    // MARK: A member who should have an account

    private func planIncluded(_ member: Member, _ account: DesiredAccount, _ draft: inout Draft) {
        if let link = draft.link(of: member.id), link.state != .deleted {
            planLinked(member, account, link, &draft)
        } else {
            planUnlinked(member, account, &draft)
        }
    }

    private func planUnlinked(_ member: Member, _ account: DesiredAccount, _ draft: inout Draft) {
        if let found = draft.recovered(member.id) {
            if isProtected(found.key) {
                draft.findings.append(Finding(.protected, member: member.id, key: found.key))
            } else {
                planLink(member, account, found, reason: .recovered, &draft)
            }
            return
        }
        if isProtected(account.key) {
            draft.findings.append(Finding(.protected, member: member.id, key: account.key))
            return
        }
        let isGivenUp = draft.givenUp.contains(account.key.folded)
        if !isGivenUp, let owner = draft.owners[account.key.folded], owner != member.id {
            if target.collision == .suffix {
                draft.latecomers.append((member, account))
            } else {
                draft.findings.append(Finding(.keyTaken, member: member.id, key: account.key, other: owner))
            }
            return
        }
        switch isGivenUp ? .absent : draft.sighting(of: account.key) {
        case .present(let found) where found.belongsToAnother(than: member.id):
            draft.findings.append(Finding(.keyTaken, member: member.id, key: account.key, other: found.owner))
        case .present(let found):
            if target.adoption == .always {
                planLink(member, account, found, reason: .adopted, &draft)
            } else {
                draft.findings.append(Finding(.unlinked, member: member.id, key: account.key))
            }
        case .absent, .unseen:
            if planMoved(member, account, &draft) { return }
            append(.create, member.id, account, reason: .joined, observed: nil, &draft)
        }
    }

    /// Gives those whose key is another member's the first number that is free.
    private func planLatecomers(_ draft: inout Draft) {
        for (member, account) in draft.latecomers.sorted(by: { $0.member.id < $1.member.id }) {
            // What was chosen before, and is another's now, is chosen again from what the template gives.
            let template = target.template.account(for: member, in: listings) ?? account
            let key = draft.freeKey(like: template.key, protected: target.protectedKeys)
            draft.wantedKeys[key.folded] = -1
            let account = template.renamed(to: key)
            guard require(.create, member.id, key, &draft) else { continue }
            draft.changes.append(
                Change(
                    kind: .create,
                    member: member.id,
                    key: key,
                    standsFor: template.key,
                    reason: .joined,
                    desired: account.attributes
                )
            )
        }
    }

    /// An account that the target says is this member's, under a key that we did not expect.
    ///
    /// Making another one would give the member two.
    /// - Returns: Whether there is one.
    private func planMoved(_ member: Member, _ account: DesiredAccount, _ draft: inout Draft) -> Bool {
        guard let moved = draft.observed.account(of: member.id), moved.key.folded != account.key.folded,
            draft.owners[moved.key.folded].map({ $0 == member.id }) ?? true
        else { return false }
        if target.adoption == .always, !isProtected(moved.key) {
            planLink(member, account, moved, reason: .adopted, &draft)
        } else {
            draft.findings.append(Finding(.unlinked, member: member.id, key: moved.key))
        }
        return true
    }

    private func planLink(
        _ member: Member,
        _ account: DesiredAccount,
        _ found: ObservedAccount,
        reason: Change.Reason,
        _ draft: inout Draft
    ) {
        let account = account.renamed(to: found.key)
        draft.changes.append(
            Change(
                kind: .link,
                member: member.id,
                key: found.key,
                standsFor: draft.standsFor(found.key, of: member.id),
                reason: reason,
                desired: account.attributes
            )
        )
        _ = compare(member, account, found, written: nil, &draft)
    }

    private func planLinked(_ member: Member, _ account: DesiredAccount, _ link: Link, _ draft: inout Draft) {
        if isProtected(link.key) {
            draft.findings.append(Finding(.protected, member: member.id, key: link.key))
            return
        }
        if link.isRestored {
            draft.changes.append(Change(kind: .link, member: member.id, key: link.key, reason: .returned))
        }
        var account = account
        if let pending = draft.unsettled[member.id] {
            // Nothing says whether the account was moved, or made: asked for once more it is known.
            account = account.renamed(to: pending.key)
            if pending.isMove {
                planMove(member.id, account, link, nil, &draft)
                return
            }
        }
        let isFormerLeft = planFormer(link, evidence: nil, &draft)
        var renames = false
        if link.key.folded != account.key.folded {
            if draft.moving.contains(member.id) {
                renames = true
            } else if let owner = draft.owners[account.key.folded], owner != member.id {
                draft.findings.append(Finding(.keyTaken, member: member.id, key: account.key, other: owner))
                account = account.renamed(to: link.key)
            } else if case .present(let moved) = draft.sighting(of: account.key),
                case .absent = draft.sighting(of: link.key)
            {
                // Renamed by another hand, or by us with the answer lost. Making the old one again would give the
                // member two accounts.
                if target.adoption == .always, !isProtected(moved.key), !moved.belongsToAnother(than: member.id) {
                    planLink(member, account, moved, reason: .adopted, &draft)
                } else {
                    draft.findings.append(Finding(.unlinked, member: member.id, key: account.key))
                }
                return
            } else if target.rename == .hold || isProtected(account.key) || isFormerLeft {
                draft.findings.append(Finding(.renameHeld, member: member.id, key: account.key))
                account = account.renamed(to: link.key)
            } else if case .present = draft.sighting(of: account.key) {
                draft.findings.append(Finding(.unlinked, member: member.id, key: account.key))
                account = account.renamed(to: link.key)
            } else {
                renames = true
            }
        } else {
            account = account.renamed(to: link.key)
        }

        switch draft.sighting(of: link.key) {
        case .present(let found) where found.belongsToAnother(than: member.id):
            // Wiped, and made again for somebody else under the name that was ours.
            draft.findings.append(Finding(.keyTaken, member: member.id, key: link.key, other: found.owner))
        case .present(let found):
            if renames {
                planRename(member, account, link, found, &draft)
            } else if draft.remade.contains(member.id) {
                planLink(member, account, found, reason: .recovered, &draft)
            } else {
                // Case alone is no difference: the account keeps the spelling that its target shows.
                let account = account.renamed(to: found.key)
                let isDisabled = link.state == .disabled
                if !compare(member, account, found, written: link.written, isDisabled: isDisabled, &draft) {
                    draft.unchanged += 1
                }
            }
        case .absent:
            if planMoved(member, account, &draft) { return }
            // Wiped, or deleted by another hand: under the new key at once when there is one.
            append(.create, member.id, account, reason: .missing, observed: nil, &draft)
        case .unseen:
            if assumesWipe {
                append(.create, member.id, account, reason: .missing, observed: nil, &draft)
            } else if renames {
                planRename(member, account, link, nil, &draft)
            } else {
                let isDisabled = link.state == .disabled
                if !compare(member, account, nil, written: link.written, isDisabled: isDisabled, &draft) {
                    draft.unchanged += 1
                }
            }
        }
    }

    private func planRename(
        _ member: Member,
        _ account: DesiredAccount,
        _ link: Link,
        _ found: ObservedAccount?,
        _ draft: inout Draft
    ) {
        if target.rename == .recreate {
            guard require(.create, member.id, account.key, &draft) else { return }
            // The link moves to the new account once that exists; then the account under `formerKey` is disabled.
            draft.changes.append(
                Change(
                    kind: .create,
                    member: member.id,
                    key: account.key,
                    formerKey: link.key,
                    reason: .renamed,
                    desired: account.attributes
                )
            )
            if require(.disable, member.id, link.key, &draft), found?.isDisabled != true {
                draft.changes.append(Change(kind: .disable, member: member.id, key: link.key, reason: .renamed))
            }
            return
        }
        guard require(.update, member.id, account.key, &draft) else { return }
        // Under the key that it still has then: enabling comes before updating.
        planEnable(member, account.renamed(to: link.key), found, isDisabled: link.state == .disabled, &draft)
        planMove(member.id, account, link, found, &draft)
    }

    /// Gives an account another key, by way of a free one where those who wait for each other stand in a circle.
    private func planMove(
        _ member: MemberID,
        _ account: DesiredAccount,
        _ link: Link,
        _ found: ObservedAccount?,
        evidence: SkipReason? = nil,
        _ draft: inout Draft
    ) {
        var formerKey = link.key
        var (observed, written) = (found?.attributes, link.written.value)
        if let aside = draft.aside[member] {
            // The key and nothing else. Where nothing is shown, what is not sent would be lost.
            let shown = JSONValue.string((observed?[path: account.keyPath]?.scalarText) ?? formerKey.rawValue)
            let new = JSONValue.string(aside.rawValue)
            let whole = observed == nil ? written : .object([:])
            draft.changes.append(
                Change(
                    kind: .update,
                    member: member,
                    key: aside,
                    formerKey: formerKey,
                    reason: .movedAside,
                    desired: whole.replacing(account.keyPath[...], with: new),
                    fields: [.init(path: account.keyPath, old: shown, new: new)]
                )
            )
            formerKey = aside
            observed = observed?.replacing(account.keyPath[...], with: new)
            written = written.replacing(account.keyPath[...], with: new)
        }
        draft.changes.append(
            Change(
                kind: .update,
                member: member,
                key: account.key,
                formerKey: formerKey,
                reason: .renamed,
                evidence: evidence,
                desired: account.attributes,
                fields: Self.fields(of: account, observed: observed ?? written, written: JSONText(written))
            )
        )
    }

    /// Remembers where an account is by now whose creation or move got no answer.
    private func planSettled(_ member: MemberID, _ draft: inout Draft) {
        guard let settled = draft.settled[member], let link = draft.link(of: member) else { return }
        let keyPath = target.template.keyPath
        let key = JSONValue.string(link.key.rawValue)
        draft.changes.append(
            Change(
                kind: .link,
                member: member,
                key: link.key,
                formerKey: settled,
                standsFor: link.standsFor,
                // Beside the other one, which is then to be switched off; or in its place.
                reason: link.formerKey?.folded == settled.folded ? .renamed : .recovered,
                desired: link.written.value.replacing(keyPath[...], with: key),
                fields: [.init(path: keyPath, old: .string(settled.rawValue), new: key)]
            )
        )
    }

    // MARK: Keys that are given up and taken in one run

    private struct Mover {
        let link: Link
        let account: DesiredAccount
    }

    /// Finds out who can be moved to another key in this run: onto a free one, or onto one that somebody else gives up.
    ///
    /// Each who is to be moved wants one key, which one other has at most: so they stand in rows and in circles. A row
    /// moves from its free end on. Of a circle the member with the smallest id takes a free key for a moment.
    /// - Parameters:
    ///   - wanting: Places of those who should have an account.
    ///   - rivals: Those of them who come out with one key, by that.
    private func planMoves(
        of wanting: [Int],
        _ members: PackedList<Member>,
        _ rivals: [String: [Int]],
        _ draft: inout Draft
    ) {
        for change in draft.changes where change.kind == .delete || change.kind == .forget {
            draft.givenUp.insert(change.key.folded)
        }
        guard target.rename == .update, target.operations.contains(.update) else { return }
        var movers: [MemberID: Mover] = [:]
        for place in wanting {
            let member = members[place]
            guard let link = draft.link(of: member.id), link.state != .deleted, link.formerKey == nil,
                draft.unsettled[member.id] == nil, !isProtected(link.key),
                let key = target.template.key(for: member, in: listings).map({ draft.chosen($0, for: member.id) }),
                key.folded != link.key.folded, !isProtected(key),
                let account = desired(member, draft)
            else { continue }
            if let others = rivals[key.folded] {
                let asking = others.map { members[$0].id }.map { ($0, key) }
                guard incumbent(of: asking, draft) == member.id else { continue }
            }
            switch draft.sighting(of: link.key) {
            case .present(let found) where !found.belongsToAnother(than: member.id): break
            case .unseen where !assumesWipe: break
            case .present, .absent, .unseen: continue
            }
            movers[member.id] = Mover(link: link, account: account)
        }

        var canMove: [MemberID: Bool] = [:]
        for first in movers.keys.sorted() where canMove[first] == nil {
            var row: [MemberID] = []
            var next: MemberID? = first
            var isFree = false
            while let member = next, let mover = movers[member] {
                if let known = canMove[member] {
                    isFree = known
                    break
                }
                if let start = row.firstIndex(of: member) {
                    isFree = true
                    if let aside = row[start...].min(), let mover = movers[aside] {
                        let key = draft.freeKey(
                            like: mover.account.key, protected: target.protectedKeys, isMoment: true)
                        draft.wantedKeys[key.folded] = -1
                        draft.aside[aside] = key
                    }
                    break
                }
                row.append(member)
                let key = mover.account.key.folded
                next = draft.owners[key].flatMap { $0 == member ? nil : $0 }
                if next == nil || draft.givenUp.contains(key) {
                    if case .present = draft.sighting(of: mover.account.key), next == nil { break }
                    isFree = true
                    break
                }
                // The key must be that of the account that moves, and not one that its member had once.
                if let owner = next, movers[owner]?.link.key.folded != key { break }
            }
            for member in row { canMove[member] = isFree }
        }
        for (member, mover) in movers where canMove[member] == true {
            draft.moving.insert(member)
            draft.givenUp.insert(mover.link.key.folded)
        }
    }

    /// Switches off the account that a member had before `rename: recreate` gave them another.
    /// - Returns: Whether it is still to be switched off.
    private func planFormer(_ link: Link, evidence: SkipReason?, _ draft: inout Draft) -> Bool {
        guard let former = link.formerKey, !isProtected(former) else { return false }
        switch draft.sighting(of: former) {
        case .present(let found) where found.isDisabled: return false
        case .present, .unseen:
            guard require(.disable, link.member, former, &draft) else { return true }
            draft.changes.append(
                Change(kind: .disable, member: link.member, key: former, reason: .renamed, evidence: evidence))
            return true
        case .absent:
            draft.changes.append(
                Change(kind: .forget, member: link.member, key: former, reason: .renamed, evidence: evidence))
            return false
        }
    }

    /// Plans what makes an account right.
    /// - Returns: Whether there is something to do that can be done.
    private func compare(
        _ member: Member,
        _ account: DesiredAccount,
        _ found: ObservedAccount?,
        written: JSONText?,
        isDisabled: Bool = false,
        _ draft: inout Draft
    ) -> Bool {
        var changes = planEnable(member, account, found, isDisabled: isDisabled, &draft)
        let fields = Self.fields(of: account, observed: found?.attributes, written: written)
        if !fields.isEmpty, require(.update, member.id, account.key, &draft) {
            draft.changes.append(
                Change(
                    kind: .update,
                    member: member.id,
                    key: account.key,
                    reason: .differs,
                    desired: account.attributes,
                    fields: fields
                )
            )
            changes = true
        }
        return changes
    }

    /// Switches an account on that should be on and is not, or that our ledger still takes for switched off: its grace
    /// must not go on counting.
    /// - Parameter isDisabled: Whether our ledger says so.
    /// - Returns: Whether there was something to do that can be done.
    @discardableResult
    private func planEnable(
        _ member: Member,
        _ account: DesiredAccount,
        _ found: ObservedAccount?,
        isDisabled: Bool,
        _ draft: inout Draft
    ) -> Bool {
        let isOff = found?.isDisabled ?? isDisabled
        guard isOff || (isDisabled && target.operations.contains(.enable)) else { return false }
        return append(.enable, member.id, account, reason: .returned, observed: found, &draft)
    }

    /// The leaves that differ: from the observed object where it shows them, else from what we wrote last.
    ///
    /// A leaf that neither shows (never written, never seen) is taken as right.
    private static func fields(
        of account: DesiredAccount,
        observed: JSONValue?,
        written: JSONText?
    ) -> [Change.Field] {
        // Read only when it is needed: most targets show everything.
        var ledger: JSONValue?
        return account.attributes.leaves.compactMap { leaf in
            func field(instead old: JSONValue?) -> Change.Field? {
                if let old, leaf.value.isShown(by: old) { return nil }
                let isKey = leaf.path == account.keyPath
                if isKey, let text = old?.scalarText, AccountKey(text).folded == account.key.folded { return nil }
                return Change.Field(path: leaf.path, old: old, new: leaf.value)
            }
            if let shown = observed?[path: leaf.path] { return field(instead: shown) }
            if let written {
                let value = ledger ?? written.value
                ledger = value
                return field(instead: value[path: leaf.path])
            }
            return observed == nil ? field(instead: nil) : nil
        }
    }

    // MARK: A member who left

    private func planLeaver(_ link: Link, _ evidence: SkipReason, _ draft: inout Draft) {
        if let pending = draft.unsettled[link.member], pending.isMove, target.leavers != .keep,
            !isProtected(pending.key)
        {
            // Where the account is must be known before it can be taken away.
            let keyPath = target.template.keyPath
            let attributes = link.written.value.replacing(keyPath[...], with: .string(pending.key.rawValue))
            let account = DesiredAccount(key: pending.key, keyPath: keyPath, attributes: attributes)
            planMove(link.member, account, link, nil, evidence: evidence, &draft)
            return
        }
        let sighting = draft.sighting(of: link.key)
        if case .absent = sighting {
            // Gone: its key is free again. Not on the word of a list that shows nothing at all of ours.
            if target.isEphemeral || target.operations.contains(.find) || draft.showsOurs {
                draft.changes.append(
                    Change(kind: .forget, member: link.member, key: link.key, reason: .missing, evidence: evidence))
            } else {
                draft.findings.append(Finding(.skipped, member: link.member, key: link.key, reason: evidence))
            }
            return
        }
        guard target.leavers != .keep || link.isRestored else {
            draft.findings.append(Finding(.kept, member: link.member, key: link.key, reason: evidence))
            return
        }
        guard !isProtected(link.key) else {
            draft.findings.append(Finding(.protected, member: link.member, key: link.key, reason: evidence))
            return
        }
        var isDisabled = link.state == .disabled
        if case .present(let found) = sighting {
            if found.belongsToAnother(than: link.member) {
                draft.findings.append(
                    Finding(.skipped, member: link.member, key: link.key, reason: evidence, other: found.owner)
                )
                return
            }
            isDisabled = found.isDisabled
        }
        if link.isRestored {
            if isDisabled || link.state == .disabled, require(.enable, link.member, link.key, &draft) {
                draft.changes.append(
                    Change(kind: .enable, member: link.member, key: link.key, reason: .restored, evidence: evidence))
            } else {
                draft.findings.append(Finding(.kept, member: link.member, key: link.key, reason: evidence))
            }
            return
        }
        _ = planFormer(link, evidence: evidence, &draft)

        let kind: Change.Kind
        var reason = Change.Reason.left
        if target.leavers == .delete, target.grace <= .zero {
            kind = .delete
        } else if !isDisabled || link.disabledAt == nil {
            kind = .disable
            // The ledger follows; not where a grace would begin with it, at whose end something is taken away.
            if isDisabled, target.leavers == .disable { reason = .alreadyDisabled }
        } else if target.leavers == .delete, let since = link.disabledAt, now - since >= target.grace {
            kind = .delete
            reason = .graceEnded
        } else {
            draft.findings.append(Finding(.skipped, member: link.member, key: link.key, reason: evidence))
            return
        }
        guard require(kind == .delete ? .delete : .disable, link.member, link.key, &draft) else { return }
        // In the spelling that the target shows.
        var key = link.key
        if case .present(let found) = sighting { key = found.key }
        draft.changes.append(Change(kind: kind, member: link.member, key: key, reason: reason, evidence: evidence))
    }

    // MARK: Small things

    private func isProtected(_ key: AccountKey) -> Bool { target.protectedKeys.contains(key.folded) }

    private func require(
        _ operation: TargetOperations,
        _ member: MemberID,
        _ key: AccountKey,
        _ draft: inout Draft
    ) -> Bool {
        if target.operations.contains(operation) { return true }
        draft.findings.append(Finding(.unsupported, member: member, key: key))
        return false
    }

    @discardableResult
    private func append(
        _ kind: Change.Kind,
        _ member: MemberID,
        _ account: DesiredAccount,
        reason: Change.Reason,
        observed: ObservedAccount?,
        _ draft: inout Draft
    ) -> Bool {
        guard require(kind == .create ? .create : .enable, member, account.key, &draft) else { return false }
        draft.changes.append(
            Change(
                kind: kind,
                member: member,
                key: account.key,
                standsFor: kind == .create ? draft.standsFor(account.key, of: member) : nil,
                reason: reason,
                desired: account.attributes
            )
        )
        return true
    }

    private struct Draft {
        private let links: PackedList<Link>
        private var places: [MemberID: Int32] = [:]
        /// Intents of members without a link: with one, the account is known.
        private var intents: [MemberID: CreateIntent] = [:]
        /// Folded key → the member whose link holds it, or whose creation may have made it.
        ///
        /// A tombstone holds nothing; a disabled leaver's account does.
        private(set) var owners: [String: MemberID] = [:]
        let observed: ObservedAccounts
        /// Whether any account of ours is seen.
        private(set) var showsOurs = false
        /// Whether anybody's key was chosen in the place of the template's.
        private var hasChosenKeys = false
        /// Links of those whose account is under another key than the ledger says: an intent says so, and the target
        /// shows it.
        private var moved: [MemberID: Link] = [:]
        /// Of these, the key of the ledger.
        private(set) var settled: [MemberID: AccountKey] = [:]
        /// Whose account may be under another key, which nobody shows.
        private(set) var unsettled: [MemberID: (key: AccountKey, isMove: Bool)] = [:]
        /// Whose account may have been made again under the key of the ledger.
        private(set) var remade: Set<MemberID> = []
        /// Folded keys that are free by the time somebody takes them.
        var givenUp: Set<String> = []
        /// Who can be moved to the key that they come out with.
        var moving: Set<MemberID> = []
        /// Of these, who takes another key on the way.
        var aside: [MemberID: AccountKey] = [:]
        /// Folded keys that somebody comes out with, and where in the list the last one is.
        var wantedKeys: [String: Int32] = [:]
        /// Those whose key is another member's, and who get one with a number.
        var latecomers: [(member: Member, account: DesiredAccount)] = []
        var changes: [Change] = []
        var findings: [Finding] = []
        var unchanged = 0

        init(links: PackedList<Link>, intents: [CreateIntent], observed: ObservedAccounts) {
            self.links = links
            self.observed = observed
            let linked = settle(intents)
            // The earliest first, so that of two intents for one key the same wins every time.
            let pending = intents.filter { !linked.contains($0.member) }
                .sorted { ($0.startedAt, $0.member) < ($1.startedAt, $1.member) }
            self.intents = Dictionary(pending.map { ($0.member, $0) }, uniquingKeysWith: { first, _ in first })

            places.reserveCapacity(links.count)
            owners.reserveCapacity(links.count)
            var formers: [(key: String, member: MemberID)] = []
            for (place, stored) in links.enumerated() {
                if places[stored.member] == nil { places[stored.member] = Int32(clamping: place) }
                let link = moved[stored.member] ?? stored
                guard link.state != .deleted else { continue }
                let key = link.key.folded
                if owners[key] == nil { owners[key] = link.member }
                if !showsOurs { showsOurs = observed.shows(link.key) }
                if link.standsFor != nil { hasChosenKeys = true }
                if let former = link.formerKey { formers.append((former.folded, link.member)) }
            }
            for former in formers where owners[former.key] == nil { owners[former.key] = former.member }
            for intent in pending where owners[intent.key.folded] == nil {
                if !observed.lacks(intent.key) { owners[intent.key.folded] = intent.member }
            }
            for (member, pending) in unsettled.sorted(by: { $0.key < $1.key }) where owners[pending.key.folded] == nil {
                owners[pending.key.folded] = member
            }
        }

        /// Whom the plan is not about keeps the former key, too: what was found out about them is recorded another time.
        mutating func keepFormerKeys(besides members: PackedList<Member>) {
            if settled.isEmpty { return }
            let listed = Set(members.indices.map { members.head(at: $0, as: Member.Head.self).id })
            for (member, former) in settled where !listed.contains(member) && owners[former.folded] == nil {
                owners[former.folded] = member
            }
        }

        /// Finds out where the accounts are of members who have a link, and an intent of another key.
        /// - Returns: Who of those with an intent has a link.
        private mutating func settle(_ intents: [CreateIntent]) -> Set<MemberID> {
            if intents.isEmpty { return [] }
            let intended = Set(intents.map(\.member))
            var known: [MemberID: Link] = [:]
            var taken: Set<String> = []
            for link in links where link.state != .deleted {
                taken.insert(link.key.folded)
                if let former = link.formerKey { taken.insert(former.folded) }
                if intended.contains(link.member), known[link.member] == nil { known[link.member] = link }
            }
            for intent in intents.sorted(by: { $0.member < $1.member }) {
                guard var link = known[intent.member] else { continue }
                if intent.movesFrom == nil, intent.key.folded == link.key.folded { remade.insert(link.member) }
                guard !taken.contains(intent.key.folded) else { continue }
                // Meanwhile the account was given another key.
                if let origin = intent.movesFrom, origin.folded != link.key.folded { continue }
                let here = sighting(of: link.key)
                switch (sighting(of: intent.key), here) {
                case (.present(let there), _) where there.belongsToAnother(than: link.member): continue
                case (.present, .absent): break
                case (.present, .present) where intent.movesFrom == nil: link.formerKey = link.key
                case (.present(let there), .present(let here)):
                    // One of them is somebody else's: the target's own id says which.
                    guard let id = link.remoteID, there.remoteID == id, here.remoteID != id else { continue }
                case (.unseen, .unseen):
                    unsettled[link.member] = (intent.key, intent.movesFrom != nil)
                    continue
                default: continue
                }
                settled[link.member] = link.key
                taken.insert(intent.key.folded)
                link.key = intent.key
                link.standsFor = intent.standsFor
                moved[link.member] = link
            }
            return Set(known.keys)
        }

        func link(of member: MemberID) -> Link? { moved[member] ?? places[member].map { links[Int($0)] } }

        func sighting(of key: AccountKey) -> ObservedAccounts.Sighting { observed.sighting(of: key) }

        /// The key that was chosen in the place of the template's, while the template gives that.
        func chosen(_ key: AccountKey, for member: MemberID) -> AccountKey {
            if !hasChosenKeys, intents.isEmpty { return key }
            if let link = link(of: member), link.state != .deleted {
                return link.standsFor?.folded == key.folded ? link.key : key
            }
            guard let intent = intents[member] else { return key }
            if intent.standsFor?.folded == key.folded { return intent.key }
            // Nothing says whether it was made: asked for once more it is known, and renamed like any other.
            if case .unseen = sighting(of: intent.key) { return intent.key }
            return key
        }

        /// In whose place a member's account has its key.
        func standsFor(_ key: AccountKey, of member: MemberID) -> AccountKey? {
            if let link = link(of: member), link.state != .deleted {
                return link.key.folded == key.folded ? link.standsFor : nil
            }
            return intents[member].flatMap { $0.key.folded == key.folded ? $0.standsFor : nil }
        }

        func isNewcomer(_ member: MemberID) -> Bool { link(of: member).map { $0.state == .deleted } ?? true }

        /// The key with the first number, from 2, that nobody has or wants.
        ///
        /// Before the `@` where the key is an address.
        /// - Parameter isMoment: The key is for a moment only: an address stays the same person's (`kim+2@…`), in case that
        ///   the target writes to it.
        func freeKey(like key: AccountKey, protected: Set<String>, isMoment: Bool = false) -> AccountKey {
            let text = key.rawValue
            let at = text.lastIndex(of: "@") ?? text.endIndex
            let sign = isMoment && at != text.endIndex ? "+" : ""
            var number = 2
            while true {
                let candidate = AccountKey(text[..<at] + sign + String(number) + text[at...])
                let folded = candidate.folded
                number += 1
                if owners[folded] != nil || wantedKeys[folded] != nil || protected.contains(folded) { continue }
                if observed.shows(candidate) { continue }
                return candidate
            }
        }

        /// The account that a creation of ours made whose answer was lost, unless somebody else's link holds it.
        func recovered(_ member: MemberID) -> ObservedAccount? {
            guard let intent = intents[member], owners[intent.key.folded] == member,
                case .present(let found) = sighting(of: intent.key), !found.belongsToAnother(than: member)
            else { return nil }
            return found
        }

        /// The key of an account that a creation of ours made, or may have made where nothing is shown.
        func made(by member: MemberID) -> AccountKey? {
            if let found = recovered(member) { return found.key }
            guard let intent = intents[member], owners[intent.key.folded] == member,
                case .unseen = sighting(of: intent.key)
            else { return nil }
            return intent.key
        }

        /// Who of those that want one key has it already, or asked for it first.
        func incumbent(of rivals: [(member: MemberID, key: AccountKey)]) -> MemberID? {
            if let owner = rivals.first(where: { owners[$0.key.folded] == $0.member }) { return owner.member }
            return rivals.compactMap { rival in
                intents[rival.member].flatMap { $0.key.folded == rival.key.folded ? $0 : nil }
            }
            .min { ($0.startedAt, $0.member) < ($1.startedAt, $1.member) }?.member
        }
    }
}
