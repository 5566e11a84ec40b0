// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import FoundationEssentials

/// Somebody who wants to hear how a job ends, as the store keeps them.
struct Follower {
    let reply: ReplyAddress

    init(_ reply: ReplyAddress) { self.reply = reply }

    init?(text: String) {
        guard let reply = try? JSONDecoder().decode(ReplyAddress.self, from: Data(text.utf8)) else { return nil }
        self.reply = reply
    }

    var text: String {
        get throws { String(decoding: try JSONEncoder().encode(reply), as: UTF8.self) }
    }
}
