// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Checks blocks and views against the limits Slack enforces (docs.slack.dev/reference/block-kit).
///
/// Lengths count UTF-16 units, the strictest of the ways Slack's own tools count. A rule that is only known from
/// third parties is left out, except the surfaces on which a block type is refused.
package struct BlockKitValidator {
    /// Where blocks are shown.
    package enum Surface: Sendable, Hashable, CaseIterable {
        case message
        case modal
        case home
    }

    /// The size of all texts of a message at which Slack answers `msg_blocks_too_long`.
    package static let largestTotalText = 13_200

    private let surface: Surface
    private var problems: [BlockKitProblem] = []
    private var blockIDs: Set<String> = []
    private var markdownLength = 0
    private var tables = 0

    private init(surface: Surface) { self.surface = surface }

    /// What is wrong with an array of blocks; empty when Slack would take it.
    package static func problems(inBlocks blocks: JSONValue, on surface: Surface) -> [BlockKitProblem] {
        var validator = BlockKitValidator(surface: surface)
        validator.blocks(blocks, at: "")
        return validator.problems
    }

    /// What is wrong with a whole view, a modal or an App Home.
    package static func problems(inView view: JSONValue) -> [BlockKitProblem] {
        var validator = BlockKitValidator(surface: view["type"] == "home" ? .home : .modal)
        validator.view(view)
        return validator.problems
    }

    /// The length of all texts anywhere in the blocks.
    package static func totalTextLength(_ blocks: JSONValue) -> Int {
        switch blocks {
        case .array(let elements): elements.reduce(0) { $0 + totalTextLength($1) }
        case .object(let members):
            members.reduce(0) { sum, member in
                if member.key == "text", let text = member.value.string { return sum + text.utf16.count }
                return sum + totalTextLength(member.value)
            }
        case .null, .bool, .number, .string: 0
        }
    }

    // MARK: Views

    private mutating func view(_ view: JSONValue) {
        guard let members = view.object else { return add("", "type", "must be an object") }
        guard let type = members["type"]?.string, ["home", "modal"].contains(type) else {
            return add("/type", "enum", "must be one of: home, modal")
        }
        if type == "modal" {
            plainText(members["title"], at: "/title", required: true, longest: 24)
            plainText(members["submit"], at: "/submit", longest: 24)
            plainText(members["close"], at: "/close", longest: 24)
            let hasInput = members["blocks"]?.array?.contains { $0["type"] == "input" } ?? false
            if hasInput, members["submit"] == nil {
                add("/submit", "required", "`submit` is required when an `input` block is within the `blocks` array")
            }
        }
        string(members["private_metadata"], at: "/private_metadata", longest: 3_000)
        string(members["callback_id"], at: "/callback_id", longest: 255)
        string(members["external_id"], at: "/external_id", longest: 255)
        guard let list = members["blocks"] else { return missing("blocks", at: "") }
        blocks(list, at: "/blocks")
    }

    // MARK: Blocks

    private static let known: Set<String> = [
        "actions", "alert", "card", "carousel", "container", "context", "context_actions", "data_table",
        "data_visualization", "divider", "file", "header", "image", "input", "markdown", "plan", "rich_text",
        "section", "table", "task_card", "video",
    ]

    private static let refused: [Surface: Set<String>] = [
        .message: ["alert", "file"],
        .home: [
            "alert", "container", "context_actions", "data_table", "data_visualization", "file", "markdown", "plan",
            "table", "task_card",
        ],
        .modal: [
            "card", "carousel", "container", "context_actions", "data_table", "data_visualization", "file",
            "markdown", "plan", "table", "task_card",
        ],
    ]

    private mutating func blocks(_ value: JSONValue, at pointer: String) {
        guard let list = value.array else { return add(pointer, "type", "must be an array") }
        let most = surface == .message ? 50 : 100
        if list.count > most { add(pointer, "max_items", "no more than \(most) items allowed") }
        for (place, block) in list.enumerated() { self.block(block, at: "\(pointer)/\(place)") }
    }

    private mutating func block(_ value: JSONValue, at pointer: String) {
        guard let block = value.object else { return add(pointer, "type", "must be an object") }
        guard let type = block["type"]?.string else { return missing("type", at: pointer) }
        guard Self.known.contains(type), Self.refused[surface]?.contains(type) != true else {
            return add(pointer + "/type", "unsupported_type", "unsupported type: \(type)")
        }
        string(block["block_id"], at: pointer + "/block_id", longest: 255)
        if let id = block["block_id"]?.string, !id.isEmpty, !blockIDs.insert(id).inserted {
            add(pointer + "/block_id", "duplicate", "`block_id` already exists: \(id)")
        }
        switch type {
        case "section": section(block, at: pointer)
        case "header":
            only(["type", "block_id", "text", "level"], in: block, at: pointer)
            plainText(block["text"], at: pointer + "/text", required: true, longest: 150)
        case "divider": only(["type", "block_id"], in: block, at: pointer)
        case "context": context(block, at: pointer)
        case "actions":
            only(["type", "block_id", "elements"], in: block, at: pointer)
            interactive(block["elements"], at: pointer + "/elements", most: 25)
        case "image": image(block, at: pointer, isBlock: true)
        case "input": input(block, at: pointer)
        case "rich_text": richText(block, at: pointer)
        case "markdown": markdown(block, at: pointer)
        case "table": table(block, at: pointer)
        case "carousel": count(block["elements"], at: pointer + "/elements", 1...10)
        case "card":
            text(block["title"], at: pointer + "/title", longest: 150)
            text(block["subtitle"], at: pointer + "/subtitle", longest: 150)
            text(block["body"], at: pointer + "/body", longest: 200)
        default: break
        }
    }

    private mutating func section(_ block: JSONObject, at pointer: String) {
        only(["type", "block_id", "text", "fields", "accessory", "expand"], in: block, at: pointer)
        if block["text"] == nil, block["fields"] == nil { missing("text", at: pointer) }
        text(block["text"], at: pointer + "/text", longest: 3_000)
        if let fields = block["fields"], count(fields, at: pointer + "/fields", 1...10) {
            for (place, field) in (fields.array ?? []).enumerated() {
                text(field, at: "\(pointer)/fields/\(place)", required: true, longest: 2_000)
            }
        }
        if let accessory = block["accessory"] { element(accessory, at: pointer + "/accessory") }
    }

    private mutating func context(_ block: JSONObject, at pointer: String) {
        only(["type", "block_id", "elements"], in: block, at: pointer)
        guard count(block["elements"], at: pointer + "/elements", 1...10) else { return }
        for (place, element) in (block["elements"]?.array ?? []).enumerated() {
            let pointer = "\(pointer)/elements/\(place)"
            if element["type"] == "image", let members = element.object {
                image(members, at: pointer, isBlock: false)
            } else {
                text(element, at: pointer, required: true, longest: 3_000)
            }
        }
    }

    private mutating func input(_ block: JSONObject, at pointer: String) {
        plainText(block["label"], at: pointer + "/label", required: true, longest: 2_000)
        plainText(block["hint"], at: pointer + "/hint", longest: 2_000)
        guard let element = block["element"] else { return missing("element", at: pointer) }
        self.element(element, at: pointer + "/element")
    }

    private mutating func richText(_ block: JSONObject, at pointer: String) {
        only(["type", "block_id", "elements"], in: block, at: pointer)
        guard let elements = block["elements"]?.array else { return missing("elements", at: pointer) }
        let known = ["rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"]
        for (place, element) in elements.enumerated() {
            let pointer = "\(pointer)/elements/\(place)"
            guard let type = element["type"]?.string, known.contains(type) else {
                add(pointer + "/type", "unsupported_type", "unsupported type")
                continue
            }
            if element["elements"]?.array == nil { missing("elements", at: pointer) }
        }
    }

    private mutating func markdown(_ block: JSONObject, at pointer: String) {
        only(["type", "block_id", "text"], in: block, at: pointer)
        guard let text = block["text"]?.string else { return missing("text", at: pointer) }
        markdownLength += text.utf16.count
        if markdownLength > 12_000 {
            add(pointer + "/text", "max_length", "must be less than 12001 characters over all markdown blocks")
        }
    }

    private mutating func table(_ block: JSONObject, at pointer: String) {
        tables += 1
        if tables > 1 { add(pointer, "only_one_table_allowed", "only one table allowed") }
        guard count(block["rows"], at: pointer + "/rows", 1...100) else { return }
        for (place, row) in (block["rows"]?.array ?? []).enumerated() {
            count(row, at: "\(pointer)/rows/\(place)", 1...20)
        }
    }

    private mutating func image(_ image: JSONObject, at pointer: String, isBlock: Bool) {
        if image["image_url"] == nil, image["slack_file"] == nil { missing("image_url", at: pointer) }
        string(image["image_url"], at: pointer + "/image_url", longest: 3_000)
        if image["alt_text"] == nil { missing("alt_text", at: pointer) }
        string(image["alt_text"], at: pointer + "/alt_text", longest: 2_000)
        if isBlock { plainText(image["title"], at: pointer + "/title", longest: 2_000) }
    }

    // MARK: Elements

    private mutating func interactive(_ value: JSONValue?, at pointer: String, most: Int) {
        guard count(value, at: pointer, 1...most) else { return }
        var actionIDs: Set<String> = []
        for (place, element) in (value?.array ?? []).enumerated() {
            let pointer = "\(pointer)/\(place)"
            if element["type"] == "image" {
                add(pointer + "/type", "unsupported_type", "unsupported type: image")
                continue
            }
            self.element(element, at: pointer)
            if let id = element["action_id"]?.string, !actionIDs.insert(id).inserted {
                add(pointer + "/action_id", "duplicate", "`action_id` already exists: \(id)")
            }
        }
    }

    private mutating func element(_ value: JSONValue, at pointer: String) {
        guard let element = value.object else { return add(pointer, "type", "must be an object") }
        guard let type = element["type"]?.string else { return missing("type", at: pointer) }
        string(element["action_id"], at: pointer + "/action_id", longest: 255)
        if let confirm = element["confirm"] { self.confirm(confirm, at: pointer + "/confirm") }
        switch type {
        case "button": button(element, at: pointer)
        case "image": image(element, at: pointer, isBlock: false)
        case "static_select", "multi_static_select":
            plainText(element["placeholder"], at: pointer + "/placeholder", longest: 150)
            selectOptions(element, at: pointer)
        case "users_select", "conversations_select", "channels_select", "external_select", "multi_users_select",
            "multi_conversations_select", "multi_channels_select", "multi_external_select", "datepicker",
            "timepicker", "datetimepicker":
            plainText(element["placeholder"], at: pointer + "/placeholder", longest: 150)
        case "overflow": options(element["options"], at: pointer + "/options", 1...5)
        case "checkboxes", "radio_buttons": options(element["options"], at: pointer + "/options", 1...10)
        case "plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input",
            "file_input":
            plainText(element["placeholder"], at: pointer + "/placeholder", longest: 150)
            if let most = element["max_length"]?.int, !(1...3_000).contains(most) {
                add(pointer + "/max_length", "range", "must be between 1 and 3000")
            }
        case "workflow_button", "icon_button", "feedback_buttons": break
        default: add(pointer + "/type", "unsupported_type", "unsupported type: \(type)")
        }
    }

    private mutating func button(_ button: JSONObject, at pointer: String) {
        only(
            ["type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"],
            in: button,
            at: pointer
        )
        plainText(button["text"], at: pointer + "/text", required: true, longest: 75)
        string(button["value"], at: pointer + "/value", longest: 2_000)
        string(button["url"], at: pointer + "/url", longest: 3_000)
        string(button["accessibility_label"], at: pointer + "/accessibility_label", longest: 75)
        if let style = button["style"], style != "primary", style != "danger" {
            add(pointer + "/style", "enum", "must be one of: primary, danger")
        }
    }

    private mutating func selectOptions(_ element: JSONObject, at pointer: String) {
        guard let groups = element["option_groups"] else {
            return options(element["options"], at: pointer + "/options", 1...100)
        }
        guard count(groups, at: pointer + "/option_groups", 1...100) else { return }
        for (place, group) in (groups.array ?? []).enumerated() {
            let pointer = "\(pointer)/option_groups/\(place)"
            plainText(group["label"], at: pointer + "/label", required: true, longest: 75)
            options(group["options"], at: pointer + "/options", 1...100)
        }
    }

    private mutating func options(_ value: JSONValue?, at pointer: String, _ range: ClosedRange<Int>) {
        guard count(value, at: pointer, range) else { return }
        for (place, option) in (value?.array ?? []).enumerated() {
            let pointer = "\(pointer)/\(place)"
            text(option["text"], at: pointer + "/text", required: true, longest: 75)
            text(option["description"], at: pointer + "/description", longest: 75)
            if option["value"] == nil { missing("value", at: pointer) }
            string(option["value"], at: pointer + "/value", longest: 150)
        }
    }

    private mutating func confirm(_ value: JSONValue, at pointer: String) {
        plainText(value["title"], at: pointer + "/title", longest: 100)
        text(value["text"], at: pointer + "/text", longest: 300)
        plainText(value["confirm"], at: pointer + "/confirm", longest: 30)
        plainText(value["deny"], at: pointer + "/deny", longest: 30)
    }

    // MARK: Texts and counts

    /// A text object of either kind.
    private mutating func text(_ value: JSONValue?, at pointer: String, required: Bool = false, longest: Int) {
        guard let value else { return required ? missing(lastKey(pointer), at: parent(pointer)) : () }
        guard let members = value.object else { return add(pointer, "type", "must be an object") }
        switch members["type"] {
        case "plain_text": only(["type", "text", "emoji"], in: members, at: pointer)
        case "mrkdwn": only(["type", "text", "verbatim"], in: members, at: pointer)
        default: return add(pointer + "/type", "enum", "must be one of: plain_text, mrkdwn")
        }
        guard let text = members["text"] else { return missing("text", at: pointer) }
        string(text, at: pointer + "/text", longest: longest, mayBeEmpty: false)
    }

    private mutating func plainText(_ value: JSONValue?, at pointer: String, required: Bool = false, longest: Int) {
        if let value, value["type"] == "mrkdwn" {
            return add(pointer + "/type", "enum", "must be one of: plain_text")
        }
        text(value, at: pointer, required: required, longest: longest)
    }

    private mutating func string(_ value: JSONValue?, at pointer: String, longest: Int, mayBeEmpty: Bool = true) {
        guard let value else { return }
        guard let text = value.string else { return add(pointer, "type", "must be a string") }
        if text.isEmpty, !mayBeEmpty { add(pointer, "min_length", "must be more than 0 characters") }
        if text.utf16.count > longest {
            add(pointer, "max_length", "must be less than \(longest + 1) characters")
        }
    }

    @discardableResult
    private mutating func count(_ value: JSONValue?, at pointer: String, _ range: ClosedRange<Int>) -> Bool {
        guard let value else {
            missing(lastKey(pointer), at: parent(pointer))
            return false
        }
        guard let list = value.array else {
            add(pointer, "type", "must be an array")
            return false
        }
        if list.count > range.upperBound {
            add(pointer, "max_items", "no more than \(range.upperBound) items allowed")
        }
        if list.count < range.lowerBound {
            add(pointer, "min_items", "no fewer than \(range.lowerBound) items allowed")
        }
        return true
    }

    private mutating func only(_ keys: Set<String>, in members: JSONObject, at pointer: String) {
        for key in members.keys where !keys.contains(key) {
            add(pointer, "additional_property", "invalid additional property: \(key)")
        }
    }

    private mutating func missing(_ key: String, at pointer: String) {
        add(pointer, "required", "missing required field: \(key)")
    }

    private mutating func add(_ pointer: String, _ code: String, _ message: String) {
        problems.append(BlockKitProblem(pointer: pointer, code: code, message: message))
    }

    private func lastKey(_ pointer: String) -> String { pointer.split(separator: "/").last.map(String.init) ?? "" }

    private func parent(_ pointer: String) -> String {
        guard let slash = pointer.lastIndex(of: "/") else { return "" }
        return String(pointer[..<slash])
    }
}
