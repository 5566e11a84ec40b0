// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Something the app wanted to show and Slack would not, kept so that the page can show it with its faults.
package struct Refusal: Sendable, Hashable {
    /// The conversation it was meant for.
    package let channel: String
    /// When, as a message's time stamp.
    package let ts: String
    /// Where it came from: a method's name, `response_url`, `acknowledgement`.
    package let source: String
    /// Slack's word for it.
    package let error: String
    /// The fallback text.
    package let text: String
    /// The blocks as they came.
    package let blocks: [JSONValue]
    /// What is wrong with the blocks.
    package let problems: [BlockKitProblem]

    var object: JSONValue {
        [
            "channel": .string(channel), "ts": .string(ts), "source": .string(source), "error": .string(error),
            "text": .string(text), "blocks": .array(blocks), "problems": .array(problems.map(\.object)),
        ]
    }
}

extension Workspace {
    private static let mostRefusals = 100

    /// Keeps what Slack would not show.
    func refuse(channel: String, source: String, error: String, content: JSONValue, problems: [BlockKitProblem]) {
        var list = content["blocks"]
        if let text = list?.string { list = try? JSONValue(parsing: text) }
        refusals.append(
            Refusal(
                channel: channel,
                ts: nextTS(),
                source: source,
                error: error,
                text: content["text"]?.string ?? "",
                blocks: Array((list?.array ?? []).prefix(100)),
                problems: problems
            )
        )
        if refusals.count > Self.mostRefusals { refusals.removeFirst() }
        feed.bump()
    }
}
