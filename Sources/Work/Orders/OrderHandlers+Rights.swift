// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Logging
import Provisioning
import Store
import Time

/// What somebody may do, and in which language they are answered.
struct Rights {
    var isOperator = false
    /// A member of the workspace of their own right: no guest, no bot, nobody of another workspace.
    var isFullMember = false
    var locale: String?

    func allow(_ audience: ActionRequest.Audience) -> Bool {
        switch audience {
        case .operators: isOperator
        case .members: isFullMember || isOperator
        }
    }
}

extension OrderHandlers {
    /// Rights and locale as Slack says now; as the mirror says when Slack does not answer.
    func rights(of id: MemberID) async throws -> Rights {
        let now = clock.now()
        do throws(SourceError) {
            if let fresh = try await source.member(id) {
                _ = try? await store.transaction(.work) { try $0.saveMember(fresh, at: now) }
            }
            if !operators.userGroups.isEmpty {
                let groups = try await source.listings(channels: [], userGroups: operators.userGroups).userGroups
                _ = try? await store.transaction(.work) { tx in
                    for (group, members) in groups { try tx.saveUserGroup(group, members: members, at: now) }
                }
            }
        } catch {
            logger.warning("rights are judged by the mirror", metadata: ["code": "\(error.code.rawValue)"])
        }
        return try await knownRights(of: id)
    }

    /// Rights and locale as the mirror says.
    func knownRights(of id: MemberID) async throws -> Rights {
        try await store.read { tx in
            guard let member = try tx.member(id) else { return Rights() }
            return Rights(
                isOperator: try operators.contain(member, in: tx),
                isFullMember: !member.isDeleted && !member.isGuest && !member.isBot && !member.isStranger,
                locale: member.locale
            )
        }
    }
}
