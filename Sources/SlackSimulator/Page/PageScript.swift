// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// The page's script, as modules that the browser loads by their names below `/playground/`.
///
/// Foreign text becomes text nodes only; nothing is ever parsed as HTML.
enum PageScript {
    static let modules = [
        "page.js": page, "dom.js": dom, "text.js": text, "emoji.js": emoji, "blocks.js": blocks,
        "elements.js": elements, "chat.js": chat, "views.js": views, "people.js": people, "slack.js": slack,
    ]
}
