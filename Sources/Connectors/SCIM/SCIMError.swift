// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

/// What a SCIM error says (RFC 7644 §3.12); all of it may be missing.
struct SCIMError: Sendable {
    /// A word like `uniqueness`; `nil` when there is none, or none that is a word.
    let type: String?
    /// The server's explanation on one line, cut; `nil` when there is none.
    let detail: String?

    private static let longestDetail = 160

    /// - Parameter secrets: Texts that a detail must not repeat; one that does is left out.
    init(_ answer: OutboundAnswer, hiding secrets: [String] = []) {
        let body = (try? JSONValue(parsing: answer.body)).map(SCIMName.respelled)
        type = body?["scimType"]?.string.flatMap { text in
            let isWord =
                (1...40).contains(text.utf8.count)
                && text.utf8.allSatisfy { byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                }
            return isWord ? text : nil
        }
        detail = body?["detail"]?.string.flatMap { text in
            guard !secrets.contains(where: { !$0.isEmpty && text.contains($0) }) else { return nil }
            let line = String(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: " "
                    default: Character(scalar)
                    }
                }
            )
            let words = line.split(separator: " ").joined(separator: " ")
            if words.isEmpty { return nil }
            return words.count > Self.longestDetail ? words.prefix(Self.longestDetail) + "…" : words
        }
    }

    /// Whether the server says that a value is taken; with 409 it need not say so in a word.
    func isUniqueness(_ status: Int) -> Bool {
        status == 409 || type?.lowercased() == "uniqueness"
    }

    /// For a person: `uniqueness, userName is taken`.
    var reason: String? {
        let parts = [type, detail].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}
