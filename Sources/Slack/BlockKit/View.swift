// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A modal or an App Home: blocks on a surface of their own (docs.slack.dev, "Views").
package struct View: Sendable, Hashable {
    package static let blockLimit = 100
    /// Slack refuses views of more than 250 KB; their texts stay well below that.
    package static let textBudget = 60_000

    package enum Surface: Sendable, Hashable {
        case home
        /// - `title`: 24 characters.
        /// - `submit`: The button that sends what was filled in; `nil` for a view that only shows.
        /// - `callback`: Comes back with a submission and says what it is about.
        /// - `metadata`: Comes back unseen; 3,000 characters.
        case modal(title: String, submit: String?, close: String, callback: String = "", metadata: String = "")
    }

    package let surface: Surface
    package let blocks: [Block]

    /// Keeps the first blocks that fit; when something has to go, the last block says so.
    package init(_ surface: Surface, blocks: [Block]) {
        self.surface = surface
        self.blocks = Block.fitting(blocks, limit: Self.blockLimit, budget: Self.textBudget)
    }

    package var json: JSONValue {
        var object: JSONObject = ["blocks": .array(blocks.map(\.json))]
        switch surface {
        case .home:
            object["type"] = "home"
        case .modal(let title, let submit, let close, let callback, let metadata):
            object["type"] = "modal"
            object["title"] = Block.plainText(title, limit: 24)
            object["submit"] = submit.map { Block.plainText($0, limit: 24) }
            object["close"] = Block.plainText(close, limit: 24)
            object["callback_id"] = .string(ForeignText.prefix(callback, room: 255) { $0 })
            object["private_metadata"] = .string(ForeignText.prefix(metadata, room: 3000) { $0 })
        }
        return .object(object)
    }
}
