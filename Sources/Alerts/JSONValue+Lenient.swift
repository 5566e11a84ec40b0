// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

extension JSONValue {
    /// Reads JSON as careless clients write it: bytes that are not UTF-8 become U+FFFD, control characters in strings
    /// become blanks.
    ///
    /// A report that is refused for such a thing is lost for good, because SDKs send nothing twice.
    ///
    /// - Parameter omissions: Members that are left out.
    package init(
        lenientlyParsing bytes: [UInt8],
        omitting omissions: JSONOmissions = .none
    ) throws(JSONError) {
        do {
            try self.init(parsing: bytes, omitting: omissions)
        } catch {
            guard error.code == .invalidString else { throw error }
            let text = String(decoding: bytes, as: UTF8.self)
            // Between the tokens a blank is as good as a line feed.
            try self.init(parsing: text.utf8.map { $0 < 0x20 ? 0x20 : $0 }, omitting: omissions)
        }
    }
}
