// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A language that slack-im speaks.
package enum Language: String, Codable, Sendable, CaseIterable {
    case english = "en"
    case korean = "ko"

    /// The language of a Slack locale such as `ko-KR`; English for any that slack-im does not speak.
    package init(locale: String?) {
        self = locale?.lowercased().hasPrefix("ko") == true ? .korean : .english
    }
}
