// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// One pass over a text that replaces what is a secret.
///
/// Every look ahead is bounded or its bytes are consumed by it, so the pass is linear. What was replaced parts what
/// stands before it from what stands behind it, now as in another pass: therefore a second pass changes nothing.
struct SecretScan {
    private let bytes: [UInt8]
    private let names: SensitiveNames
    /// In source code only literals are secrets: what stands behind a name is mostly another name.
    private let isCode: Bool
    private var position = 0
    /// Bytes before this one are written.
    private var written = 0
    private var output: [UInt8] = []

    private static let placeholder = Array(Scrubber.placeholder.utf8)

    init(bytes: [UInt8], names: SensitiveNames, isCode: Bool = false) {
        self.bytes = bytes
        self.names = names
        self.isCode = isCode
    }

    /// - Returns: `nil` when there is nothing to replace.
    mutating func run() -> String? {
        while position < bytes.count {
            let byte = bytes[position]
            let startsWord = position == written || !Self.isWord(bytes[position - 1])
            switch byte {
            case UInt8(ascii: "-") where isPlaced(Self.pemBegin, at: position):
                replace(position..<keyEnd(position))
            case UInt8(ascii: ":") where isPlaced(Self.schemeEnd, at: position): authority()
            case _ where startsWord && byte.isDigit:
                if !number() { word() }
            case _ where startsWord && Self.isWord(byte): word()
            default: position += 1
            }
        }
        guard written > 0 else { return nil }
        output += bytes[written...]
        return String(decoding: output, as: UTF8.self)
    }

    private static let pemBegin = Array("-----BEGIN ".utf8)
    private static let pemEnd = Array("-----END ".utf8)
    private static let schemeEnd = Array("://".utf8)

    private static func isWord(_ byte: UInt8) -> Bool {
        byte.isAlphanumeric || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private func at(_ place: Int) -> UInt8? { place < bytes.count ? bytes[place] : nil }

    private func isPlaced(_ sign: [UInt8], at place: Int) -> Bool { bytes.dropFirst(place).starts(with: sign) }

    private mutating func replace(_ range: Range<Int>) {
        output += bytes[written..<range.lowerBound]
        output += Self.placeholder
        written = range.upperBound
        position = range.upperBound
    }

    // MARK: Keys and certificates

    /// Behind the key that begins at the place; the place itself when none does.
    ///
    /// Without an end the block was cut off, and all that is left is part of it.
    private func keyEnd(_ place: Int) -> Int {
        guard isPlaced(Self.pemBegin, at: place) else { return place }
        var end = place + Self.pemBegin.count
        while end < bytes.count {
            if bytes[end] == UInt8(ascii: "-"), isPlaced(Self.pemEnd, at: end) {
                end += Self.pemEnd.count
                while let byte = at(end), byte != UInt8(ascii: "-"), byte != 0x0A { end += 1 }
                while at(end) == UInt8(ascii: "-") { end += 1 }
                break
            }
            end += 1
        }
        return end
    }

    // MARK: Credentials in addresses

    /// Behind `://`: everything before the last `@` of the authority is a user and a password.
    ///
    /// What is replaced already ends it.
    private mutating func authority() {
        position += Self.schemeEnd.count
        let start = position
        var end = start
        var at: Int?
        while let byte = self.at(end), end - start < 512, !byte.isSpace, !Self.endsAuthority.contains(byte) {
            if byte == UInt8(ascii: "["), isPlaced(Self.placeholder, at: end) { break }
            if byte == UInt8(ascii: "@") { at = end }
            end += 1
        }
        if let at, at > start {
            replace(start..<at)
        } else if bytes[start...].starts(with: Self.slackWebhook) {
            // The address of a Slack webhook is its own key.
            var end = start + Self.slackWebhook.count
            let path = end
            while let byte = self.at(end), Self.isWord(byte) || byte == UInt8(ascii: "/") { end += 1 }
            if end > path { replace(path..<end) }
        }
    }

    private static let endsAuthority = Set("/?#\"'<>`,".utf8)
    private static let slackWebhook = Array("hooks.slack.com/services/".utf8)

    // MARK: Words

    /// A word: a name with its value, a scheme with its token, or a token by its own looks.
    private mutating func word() {
        let start = position
        while let byte = at(position),
            Self.isWord(byte) || (Self.joins(byte) && at(position + 1).map(Self.isWord) == true)
        {
            position += 1
        }
        let word = bytes[start..<position]
        if Self.looksLikeToken(word) {
            replace(start..<tokenEnd(position))
            return
        }
        if Self.isScheme(word), at(position) == 0x20, let value = schemeValue(position) {
            replace(value)
            return
        }
        // The sign is looked for first: most words have none, and weighing a name costs more.
        if let value = valueStart() { replaceValue(of: word, at: value) }
    }

    private static func joins(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") }

    /// `Bearer` and `Basic`, as in an Authorization header.
    private static func isScheme(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.count == 5 || word.count == 6 else { return false }
        return word.lazy.map(\.lowercased).elementsEqual(word.count == 6 ? bearer : basic)
    }

    private static let bearer = Array("bearer".utf8)
    private static let basic = Array("basic".utf8)

    /// What follows a scheme when it looks like a token and not like the next word of a sentence.
    private func schemeValue(_ place: Int) -> Range<Int>? {
        let start = skippingBlanks(place, atMost: 4)
        let end = tokenEnd(keyEnd(start))
        guard end > start else { return nil }
        let isPlainWord = end - start < 16 && bytes[start..<end].allSatisfy(\.isLetter)
        return isPlainWord ? nil : start..<end
    }

    private func tokenEnd(_ place: Int) -> Int {
        var end = place
        while let byte = at(end), byte.isAlphanumeric || Self.tokenSigns.contains(byte) { end += 1 }
        return end
    }

    private static let tokenSigns = Set("-._~+/=".utf8)

    /// Tokens that are known by how they begin.
    private static func looksLikeToken(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.count >= 12, let first = word.first, firstSigns.contains(first) else { return false }
        return beginnings.contains { beginning, shortest in word.count >= shortest && word.starts(with: beginning) }
    }

    private static let beginnings: [([UInt8], Int)] = [
        ("eyJ", 24), ("xoxb-", 14), ("xoxp-", 14), ("xoxa-", 14), ("xoxe-", 14), ("xoxe.", 14), ("xapp-", 14),
        ("ghp_", 20), ("gho_", 20), ("ghs_", 20), ("ghu_", 20), ("github_pat_", 24), ("glpat-", 20), ("AKIA", 20),
        ("ASIA", 20), ("AIza", 30), ("sk-", 24), ("sk_live_", 16), ("sk_test_", 16), ("rk_live_", 16),
    ].map { (Array($0.0.utf8), $0.1) }
    private static let firstSigns = Set(beginnings.compactMap(\.0.first))

    // MARK: Names with values

    /// Where a value begins and how it was joined to its name.
    private struct Value {
        var start: Int
        let sign: UInt8
        let hasBlank: Bool
    }

    /// Behind a name: `=`, `:` or `=>`, with quotes and blanks as code, JSON and headers write them.
    private func valueStart() -> Value? {
        var place = position
        // JSON within JSON.
        if at(place) == UInt8(ascii: "\\") { place += 1 }
        if at(place).map(Self.isQuote) == true { place += 1 }
        if at(place) == UInt8(ascii: "]") { place += 1 }
        place = skippingBlanks(place)
        guard let sign = at(place), sign == UInt8(ascii: "=") || sign == UInt8(ascii: ":") else { return nil }
        place += 1
        if sign == UInt8(ascii: "="), at(place) == UInt8(ascii: ">") { place += 1 }
        // A comparison, a scope (`Token::new`), a scheme (`secret://`).
        guard let next = at(place), next != sign, next != UInt8(ascii: "/") || sign == UInt8(ascii: "=") else {
            return nil
        }
        let start = skippingBlanks(place)
        return Value(start: start, sign: sign, hasBlank: start > place)
    }

    private mutating func replaceValue(of name: ArraySlice<UInt8>, at value: Value) {
        let weight = names.weight(name)
        guard weight != .none else { return }
        let start = value.start
        let isColon = value.sign == UInt8(ascii: ":")
        let isEscaped = at(start) == UInt8(ascii: "\\") && at(start + 1).map(Self.isQuote) == true
        if let quote = at(isEscaped ? start + 1 : start), Self.isQuote(quote) {
            return quoted(from: start + (isEscaped ? 2 : 1), quote: quote, isEscaped: isEscaped)
        }
        guard !isCode, !isPlaced(Self.placeholder, at: start) else { return }
        if isColon, Self.isHeader(name) {
            // Everything up to the end of the line: pairs, schemes and all.
            var end = keyEnd(start)
            while let byte = at(end), byte != 0x0A, !Self.isQuote(byte) { end += 1 }
            if end > start { replace(start..<end) }
            return
        }
        var end = keyEnd(start)
        while let byte = at(end), !byte.isSpace, !Self.endsValue.contains(byte) { end += 1 }
        let word = bytes[start..<end]
        guard !word.isEmpty, !Self.isNothing(word) else { return }
        if Self.isScheme(word) {
            if let token = schemeValue(end) { return replace(token) }
            // Its token is gone already.
            if isPlaced(Self.placeholder, at: skippingBlanks(end, atMost: 4)) { return }
        }
        let isShort = word.count < 16
        // "invalid token: expected …" is a sentence.
        if isColon, value.hasBlank, weight == .weak, isShort, word.allSatisfy(\.isLetter) { return }
        // "Token.java:52" is a line.
        if isColon, !value.hasBlank, word.count < 7, word.allSatisfy(\.isDigit), name.contains(UInt8(ascii: ".")) {
            return
        }
        replace(start..<end)
    }

    private static func isHeader(_ name: ArraySlice<UInt8>) -> Bool {
        let last = SensitiveNames.words(of: name.suffix(24)).last
        return last == cookie || last == authorization
    }

    private static let cookie = Array("cookie".utf8)
    private static let authorization = Array("authorization".utf8)

    /// `password=None` gives nothing away and says a lot.
    private static func isNothing(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.count <= 9 else { return false }
        return nothings.contains(String(decoding: word.lazy.map(\.lowercased), as: UTF8.self))
    }

    private static let nothings: Set<String> = ["none", "null", "nil", "undefined", "true", "false"]

    /// Up to the closing quote.
    ///
    /// Within JSON within JSON the quotes have a backslash each; elsewhere a quote behind a backslash does not close.
    /// Text that was cut off is closed by its end; but a key has many lines.
    private mutating func quoted(from start: Int, quote: UInt8, isEscaped: Bool) {
        var end = keyEnd(start)
        while let byte = at(end), byte != 0x0A {
            if byte == UInt8(ascii: "\\") {
                if isEscaped, at(end + 1) == quote { break }
                end += 2
            } else if byte == quote {
                break
            } else {
                end += 1
            }
        }
        end = min(end, bytes.count)
        if end > start, !bytes[start..<end].elementsEqual(Self.placeholder) {
            replace(start..<end)
        } else {
            position = end
        }
    }

    private func skippingBlanks(_ place: Int, atMost limit: Int = 8) -> Int {
        var end = place
        while at(end) == 0x20, end - place < limit { end += 1 }
        return end
    }

    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

    private static let endsValue = Set("&;,\"'<>)}]`|".utf8)

    // MARK: Numbers

    /// A payment card or a Korean resident registration number.
    /// - Returns: `false` when the digits are none; then nothing is consumed.
    private mutating func number() -> Bool {
        var digits: [UInt8] = []
        // Where the number may end, with its digits so far.
        var ends: [(end: Int, count: Int)] = []
        var place = position
        while digits.count <= 19, let byte = at(place) {
            if byte.isDigit {
                digits.append(byte - 0x30)
                place += 1
                if at(place)?.isDigit != true { ends.append((place, digits.count)) }
            } else if byte == UInt8(ascii: "-") || byte == 0x20, at(place + 1)?.isDigit == true {
                place += 1
            } else {
                break
            }
        }
        for (end, count) in ends.reversed() where at(end).map(Self.isWord) != true {
            let candidate = digits[..<count]
            if Self.isCard(candidate) || isResidentNumber(candidate, end: end) {
                replace(position..<end)
                return true
            }
        }
        return false
    }

    /// By issuer, length and check digit (ISO/IEC 7812).
    private static func isCard(_ digits: ArraySlice<UInt8>) -> Bool {
        guard (13...19).contains(digits.count) else { return false }
        let prefix = digits.prefix(4).reduce(0) { $0 * 10 + Int($1) }
        let isIssued =
            switch (prefix, digits.count) {
            case (4000...4999, 13), (4000...4999, 16), (4000...4999, 19): true
            case (5100...5599, 16), (2221...2720, 16): true
            case (3400...3499, 15), (3700...3799, 15): true
            case (6011, 16), (6440...6599, 16), (3528...3589, 16), (9400...9499, 16): true
            case (3000...3059, 14), (3600...3699, 14), (3800...3999, 14): true
            case (6200...6299, 16...19): true
            default: false
            }
        guard isIssued else { return false }
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let value = place.isMultiple(of: 2) ? Int(digit) : Int(digit) * 2
            sum += value > 9 ? value - 9 : value
        }
        return sum.isMultiple(of: 10)
    }

    /// `YYMMDD-NNNNNNN`, written with its dash: a birth date, then one to eight for century and sex.
    private func isResidentNumber(_ digits: ArraySlice<UInt8>, end: Int) -> Bool {
        guard digits.count == 13, end - position == 14, at(position + 6) == UInt8(ascii: "-") else { return false }
        let month = digits[2] * 10 + digits[3]
        let day = digits[4] * 10 + digits[5]
        return (1...12).contains(month) && (1...31).contains(day) && (1...8).contains(digits[6])
    }
}
