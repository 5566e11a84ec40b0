// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// A message the app asked to be posted later.
package struct ScheduledMessage: Sendable, Hashable {
    /// `Q…`.
    package let id: String
    /// The conversation it is for.
    package let channel: String
    /// Seconds since 1970.
    package let postAt: Int
    /// Seconds since 1970.
    package let created: Int
    let text: String
    let blocks: [JSONValue]?
    let attachments: [JSONValue]?
    let threadTS: String?

    var object: JSONValue {
        [
            "id": .string(id), "channel_id": .string(channel), "post_at": .init(postAt),
            "date_created": .init(created), "text": .string(text),
        ]
    }
}

extension Workspace {
    func schedule(_ message: ScheduledMessage) {
        scheduled.append(message)
        feed.bump()
    }

    /// Takes a scheduled message back.
    func unschedule(_ id: String, channel: String) -> Bool {
        let before = scheduled.count
        scheduled.removeAll { $0.id == id && $0.channel == channel }
        feed.bump()
        return scheduled.count < before
    }

    /// Posts a scheduled message whose time has come, unless it was taken back.
    func postScheduled(_ id: String) {
        guard let place = scheduled.firstIndex(where: { $0.id == id }) else { return }
        let message = scheduled.remove(at: place)
        postAsApp(
            channel: message.channel,
            text: message.text,
            blocks: message.blocks,
            attachments: message.attachments,
            threadTS: message.threadTS
        )
    }
}
