// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

extension ErrorReport {
    /// Reads a message in the shape of a Slack incoming webhook, which every tool that can talk to Slack sends.
    ///
    /// `channel` and `icon_emoji` are ignored. The text is taken from `text`, else from attachments and blocks, and
    /// loses its Slack markup: mentions become plain words.
    /// - Throws: when there is no object or no text in it.
    package init(incomingWebhook body: JSONValue, makeEventID: () -> String) throws(InvalidReport) {
        guard let object = body.object else { throw InvalidReport("must be a JSON object") }
        var collector = WebhookText()
        collector.take(object["text"])
        let attachments = (object["attachments"]?.array ?? []).prefix(20)
        if collector.isEmpty { collector.take(blocks: object["blocks"]) }
        for attachment in attachments { collector.take(attachment: attachment) }
        guard let message = collector.text.ifNotBlank else {
            throw InvalidReport("must have a \"text\", or attachments or blocks that hold one")
        }
        self.init(
            eventID: makeEventID(), level: attachments.compactMap(Self.level(ofAttachment:)).max() ?? .error,
            message: message.kept(ReportLimits.message),
            logger: object["username"]?.string?.ifNotBlank?.keptOnOneLine(ReportLimits.name))
        for attachment in attachments {
            for field in attachment["fields"]?.array ?? [] {
                guard tags.count < ReportLimits.tags, let title = field["title"]?.string?.ifNotBlank,
                    let value = field["value"]?.scalarText
                else { continue }
                tags[SlackMarkup.plain(title).keptOnOneLine(ReportLimits.tagKey)] =
                    SlackMarkup.plain(value).keptOnOneLine(ReportLimits.tagValue)
            }
            if let url = attachment["title_link"]?.string, links.count < ReportLimits.links,
                let link = Link(title: attachment["title"]?.string ?? url, url: url)
            {
                links.append(link)
            }
        }
    }

    private static func level(ofAttachment attachment: JSONValue) -> ErrorLevel? {
        switch attachment["color"]?.string {
        case "good": .info
        case "warning": .warning
        case "danger": .error
        default: nil
        }
    }
}

/// Collects what a person would read, up to a message's length.
private struct WebhookText {
    private var parts: [String] = []
    private var bytes = 0

    var isEmpty: Bool { parts.isEmpty }
    var text: String { parts.joined(separator: "\n") }

    mutating func take(_ value: JSONValue?) {
        guard bytes <= ReportLimits.message, let text = value?.string?.ifNotBlank else { return }
        let plain = SlackMarkup.plain(text.kept(2 * ReportLimits.message))
        guard parts.last != plain else { return }
        parts.append(plain)
        bytes += plain.utf8.count
    }

    mutating func take(attachment: JSONValue) {
        let before = parts.count
        for key in ["pretext", "title", "text"] { take(attachment[key]) }
        take(blocks: attachment["blocks"])
        if parts.count == before { take(attachment["fallback"]) }
    }

    /// Goes through blocks and their elements; buttons and menus say nothing about an error.
    mutating func take(blocks value: JSONValue?) {
        for block in value?.array ?? [] {
            guard bytes <= ReportLimits.message else { return }
            if block["type"] == "actions" || block["type"] == "button" { continue }
            take(block["text"])
            take(block["text"]?["text"])
            take(blocks: block["fields"])
            take(blocks: block["elements"])
        }
    }
}

/// Slack's markup in a text that somebody else wrote.
enum SlackMarkup {
    /// The text without markup: `<!here>` becomes `@here`, `<https://a|b>` becomes `b (https://a)`, entities
    /// become signs.
    static func plain(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.contains(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "&") }) else { return text }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "<"),
                let end = bytes[(position + 1)...].firstIndex(where: { [0x3C, 0x3E, 0x0A].contains($0) })
            {
                // What has no end on its line is text, and was looked at once.
                if bytes[end] == UInt8(ascii: ">"), end > position + 1, !bytes[position + 1].isSpace {
                    output += plain(markup: bytes[(position + 1)..<end])
                    position = end + 1
                } else {
                    output += bytes[position..<end]
                    position = end
                }
            } else if byte == UInt8(ascii: "<") {
                output += bytes[position...]
                break
            } else {
                output.append(byte)
                position += 1
            }
        }
        return unescaped(output)
    }

    private static func plain(markup: ArraySlice<UInt8>) -> [UInt8] {
        let bar = markup.firstIndex(of: UInt8(ascii: "|"))
        let target = markup[..<(bar ?? markup.endIndex)]
        let label = bar.map { markup[($0 + 1)...] } ?? []
        switch target.first {
        case UInt8(ascii: "!"), UInt8(ascii: "@"), UInt8(ascii: "#"):
            let sign: UInt8 = target.first == UInt8(ascii: "#") ? UInt8(ascii: "#") : UInt8(ascii: "@")
            let name = label.isEmpty ? target.dropFirst() : label
            return name.first == sign ? Array(name) : [sign] + name
        default:
            return label.isEmpty ? Array(target) : Array(label) + Array(" (".utf8) + target + Array(")".utf8)
        }
    }

    private static func unescaped(_ bytes: [UInt8]) -> String {
        let entities: [([UInt8], UInt8)] = [
            (Array("&amp;".utf8), 0x26), (Array("&lt;".utf8), 0x3C), (Array("&gt;".utf8), 0x3E),
        ]
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "&"),
                let (entity, sign) = entities.first(where: { bytes[position...].starts(with: $0.0) })
            {
                output.append(sign)
                position += entity.count
            } else {
                output.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
