// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// A message an app sends in an acknowledgement or to a `response_url`.
struct AppMessage: Sendable {
    let text: String
    let blocks: [JSONValue]?
    let attachments: [JSONValue]?
    let threadTS: String?
    /// Everybody in the channel sees it, not only the one person.
    let isInChannel: Bool
    let replacesOriginal: Bool
    let deletesOriginal: Bool

    /// - Throws: ``WebAPIFailure`` with Slack's word for what is wrong.
    init(_ value: JSONValue) throws(WebAPIFailure) {
        guard value.object != nil else { throw WebAPIFailure("invalid_payload") }
        text = value["text"]?.string ?? ""
        var list = value["blocks"]
        // Some clients send the blocks as JSON text here too.
        if let text = list?.string { list = try? JSONValue(parsing: text) }
        if let list, !list.isNull {
            let problems = BlockKitValidator.problems(inBlocks: list, on: .message)
            guard problems.isEmpty else {
                var failure = WebAPIFailure("invalid_blocks", messages: problems.map { $0.line(root: "/blocks") })
                failure.problems = problems
                throw failure
            }
            blocks = list.array.flatMap { $0.isEmpty ? nil : $0 }
        } else {
            blocks = nil
        }
        attachments = value["attachments"]?.array
        threadTS = value["thread_ts"]?.string
        isInChannel = value["response_type"] == "in_channel"
        replacesOriginal = Self.flag(value["replace_original"])
        deletesOriginal = Self.flag(value["delete_original"])
    }

    /// Plain text, seen by one person.
    init(text: String) {
        self.text = text
        blocks = nil
        attachments = nil
        threadTS = nil
        isInChannel = false
        replacesOriginal = false
        deletesOriginal = false
    }

    var isEmpty: Bool { text.isEmpty && blocks == nil && (attachments ?? []).isEmpty }

    /// Slack's own examples write these booleans as strings.
    private static func flag(_ value: JSONValue?) -> Bool { value == true || value == "true" }
}
