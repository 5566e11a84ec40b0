// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// One thing that Slack refuses about blocks or a view.
package struct BlockKitProblem: Sendable, Hashable {
    /// The JSON pointer within what was checked, `/0/text/text`.
    package let pointer: String
    /// A stable word for the kind of problem, `max_length`.
    package let code: String
    /// Slack's words, `must be less than 3001 characters`.
    package let message: String

    /// The line Slack puts into `response_metadata.messages`.
    /// - Parameter root: The pointer of what was checked within the request, `/blocks`.
    package func line(root: String) -> String { "[ERROR] \(message) [json-pointer:\(root)\(pointer)]" }

    /// The entry of `blocks.validate`'s `errors`.
    package var object: JSONValue {
        let field = pointer.split(separator: "/").last.map(String.init)
        return [
            "code": .string(code), "message": .string(message), "field": .init(field), "pointer": .string(pointer),
        ]
    }
}
