// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Synchronization

/// Members by the text that they are stored as.
///
/// Reading that text takes longer than everything else in an acknowledgement, and the same people type most commands.
/// The same text is always the same member, so that nothing here can be out of date.
final class MemberRecords: Sendable {
    private static let limit = 512

    private let known = Mutex<[String: Member]>([:])

    func member(_ text: String) throws -> Member {
        if let member = known.withLock({ $0[text] }) { return member }
        let member: Member = try StoredJSON.value(text)
        known.withLock { known in
            if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
            known[text] = member
        }
        return member
    }
}
