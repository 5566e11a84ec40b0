// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// A message with what varies from one occurrence to the next replaced: numbers, ids, addresses, names in
/// quotes, times.
///
/// Two messages of one cause have one pattern. Changing what is replaced changes every fingerprint: see
/// ``Fingerprint/Algorithm``.
package struct MessagePattern: Sendable, Hashable, CustomStringConvertible {
    /// `Order <num> of <email> not found`.
    package let description: String

    package init(_ message: String) {
        var scan = PatternScan(bytes: Array(message.utf8))
        description = scan.run()
    }
}

/// One pass; every look ahead is bounded.
private struct PatternScan {
    let bytes: [UInt8]
    private var position = 0
    private var output: [UInt8] = []
    private let hasAt: Bool

    init(bytes: [UInt8]) {
        self.bytes = bytes
        hasAt = bytes.contains(UInt8(ascii: "@"))
    }

    mutating func run() -> String {
        output.reserveCapacity(bytes.count)
        while position < bytes.count {
            let byte = bytes[position]
            let startsWord = position == 0 || !bytes[position - 1].isAlphanumeric
            if byte.isSpace {
                if output.last != 0x20, !output.isEmpty { output.append(0x20) }
                position += 1
            } else if startsWord, byte.isAlphanumeric {
                word()
            } else if startsWord, Self.quotes.contains(byte), let end = quoteEnd() {
                put("<str>", upTo: end)
            } else if byte == UInt8(ascii: "-"), at(position + 1)?.isDigit == true, startsNumber {
                position += 1
            } else if byte == UInt8(ascii: ":"), startsWord, let end = addressEnd() {
                put("<ip>", upTo: end)
            } else {
                output.append(byte)
                position += 1
            }
        }
        while output.last == 0x20 { output.removeLast() }
        return String(decoding: output, as: UTF8.self)
    }

    private static let quotes = Set("\"'`".utf8)

    private func at(_ place: Int) -> UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func put(_ placeholder: String, upTo end: Int) {
        output += placeholder.utf8
        position = end
    }

    /// Whether the minus sign here belongs to a number and joins no words.
    private var startsNumber: Bool {
        guard position > 0 else { return true }
        return !bytes[position - 1].isAlphanumeric && bytes[position - 1] != UInt8(ascii: ")")
    }

    private func quoteEnd() -> Int? {
        let limit = min(bytes.count, position + 256)
        var place = position + 1
        while place < limit, bytes[place] != 0x0A {
            if bytes[place] == bytes[position], at(place + 1)?.isAlphanumeric != true { return place + 1 }
            place += 1
        }
        return nil
    }

    private mutating func word() {
        var end = position
        while let byte = at(end), byte.isAlphanumeric || byte >= 0x80 { end += 1 }
        if let end = uuidEnd() { return put("<uuid>", upTo: end) }
        if let end = urlEnd(schemeEnd: end) { return put("<url>", upTo: end) }
        if hasAt, let end = emailEnd() { return put("<email>", upTo: end) }
        if let end = addressEnd() { return put("<ip>", upTo: end) }
        if bytes[position].isDigit {
            if let end = dateEnd() ?? timeEnd(position) { return put("<date>", upTo: end) }
            if let end = hexEnd(end) { return put("<hex>", upTo: end) }
            if let (placeholder, end) = numberEnd() { return put(placeholder, upTo: end) }
        } else if let end = hexEnd(end) {
            return put("<hex>", upTo: end)
        }
        if isRandom(position..<end) { return put("<id>", upTo: end) }
        while position < end {
            guard bytes[position].isDigit else {
                output.append(bytes[position])
                position += 1
                continue
            }
            while position < end, bytes[position].isDigit { position += 1 }
            output += "<num>".utf8
        }
    }

    // MARK: What a word may be

    private func uuidEnd() -> Int? {
        let end = position + 36
        guard end <= bytes.count, at(end)?.isAlphanumeric != true else { return nil }
        for place in 0..<36 {
            let byte = bytes[position + place]
            let isDash = place == 8 || place == 13 || place == 18 || place == 23
            guard isDash ? byte == UInt8(ascii: "-") : byte.isHexDigit else { return nil }
        }
        return end
    }

    private func urlEnd(schemeEnd: Int) -> Int? {
        guard at(schemeEnd) == UInt8(ascii: ":"), at(schemeEnd + 1) == UInt8(ascii: "/"),
            at(schemeEnd + 2) == UInt8(ascii: "/")
        else { return nil }
        var end = schemeEnd + 3
        while let byte = at(end), !byte.isSpace, !Self.endsURL.contains(byte) { end += 1 }
        while end > schemeEnd + 3, Self.endsSentence.contains(bytes[end - 1]) { end -= 1 }
        return end
    }

    private static let endsURL = Set("\"'`<>[]{}|".utf8)
    private static let endsSentence = Set(".,:;!?)".utf8)

    private func emailEnd() -> Int? {
        var place = position
        let limit = min(bytes.count, position + 64)
        while place < limit, bytes[place].isAlphanumeric || Self.localSigns.contains(bytes[place]) { place += 1 }
        guard at(place) == UInt8(ascii: "@") else { return nil }
        let domain = place + 1
        var end = domain
        var hasDot = false
        while let byte = at(end), end - domain < 253, byte.isAlphanumeric || Self.domainSigns.contains(byte) {
            if byte == UInt8(ascii: "."), at(end + 1)?.isAlphanumeric != true { break }
            if byte == UInt8(ascii: ".") { hasDot = true }
            end += 1
        }
        return hasDot ? end : nil
    }

    private static let localSigns = Set("._%+-".utf8)
    private static let domainSigns = Set("-.".utf8)

    /// IPv4 with its port, or IPv6.
    private func addressEnd() -> Int? {
        if bytes[position].isDigit, let end = groups(4, separator: UInt8(ascii: ".")) {
            guard at(end) == UInt8(ascii: ":"), at(end + 1)?.isDigit == true else { return end }
            return digitsEnd(end + 1)
        }
        var end = position
        var colons = 0
        var hasGap = false
        var groupLength = 0
        while let byte = at(end), end - position < 45 {
            if byte == UInt8(ascii: ":") {
                if end > position, bytes[end - 1] == byte { hasGap = true }
                colons += 1
                groupLength = 0
            } else if byte.isHexDigit {
                groupLength += 1
                guard groupLength <= 4 else { return nil }
            } else {
                break
            }
            end += 1
        }
        guard hasGap && colons <= 7 || colons == 7, at(end)?.isAlphanumeric != true else { return nil }
        // "::" alone is punctuation.
        return end - position > 2 ? end : nil
    }

    /// `count` numbers of up to three digits with a sign between them, and nothing that goes on.
    private func groups(_ count: Int, separator: UInt8) -> Int? {
        var place = position
        for group in 0..<count {
            if group > 0 {
                guard at(place) == separator else { return nil }
                place += 1
            }
            let end = digitsEnd(place, limit: 4)
            guard (1...3).contains(end - place) else { return nil }
            place = end
        }
        if at(place) == separator, at(place + 1)?.isDigit == true { return nil }
        return at(place)?.isAlphanumeric == true ? nil : place
    }

    private func digitsEnd(_ place: Int, limit: Int = .max) -> Int {
        var end = place
        while end - place < limit, let byte = at(end), byte.isDigit { end += 1 }
        return end
    }

    /// `2026-11-22`, also with `/`, with a time and a zone behind it.
    private func dateEnd() -> Int? {
        let year = digitsEnd(position, limit: 5)
        guard year - position == 4, let sign = at(year), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "/") else {
            return nil
        }
        let month = digitsEnd(year + 1, limit: 3)
        guard (1...2).contains(month - year - 1), at(month) == sign else { return nil }
        let day = digitsEnd(month + 1, limit: 3)
        guard (1...2).contains(day - month - 1) else { return nil }
        if let separator = at(day), separator.lowercased == UInt8(ascii: "t") || separator == 0x20,
            let end = timeEnd(day + 1)
        {
            return end
        }
        return at(day)?.isAlphanumeric == true ? nil : day
    }

    /// `09:30:15.123Z`; minutes alone are no time, they may be a line and a column.
    private func timeEnd(_ start: Int) -> Int? {
        var place = start
        for part in 0..<3 {
            if part > 0 {
                guard at(place) == UInt8(ascii: ":") else { return nil }
                place += 1
            }
            let end = digitsEnd(place, limit: 3)
            guard end - place == 2 || (part == 0 && end - place == 1) else { return nil }
            place = end
        }
        let sign = at(place)
        if sign == UInt8(ascii: ".") || sign == UInt8(ascii: ","), at(place + 1)?.isDigit == true {
            place = digitsEnd(place + 1)
        }
        if let zone = at(place), zone == UInt8(ascii: "Z") || zone == UInt8(ascii: "z") { return place + 1 }
        if let zone = at(place), zone == UInt8(ascii: "+") || zone == UInt8(ascii: "-") {
            let hours = digitsEnd(place + 1, limit: 5)
            if hours - place - 1 == 4 { return hours }
            if hours - place - 1 == 2, at(hours) == UInt8(ascii: ":"), digitsEnd(hours + 1, limit: 3) == hours + 3 {
                return hours + 3
            }
        }
        return place
    }

    /// `0x7f…`, or eight and more hex digits of which one is no letter and one is.
    private func hexEnd(_ end: Int) -> Int? {
        let word = bytes[position..<end]
        if word.count > 2, word.first == 0x30, bytes[position + 1] | 0x20 == UInt8(ascii: "x"),
            word.dropFirst(2).allSatisfy(\.isHexDigit)
        {
            return end
        }
        guard word.count >= 8, word.allSatisfy(\.isHexDigit), word.contains(where: \.isDigit),
            word.contains(where: \.isLetter)
        else { return nil }
        return end
    }

    /// A number with its fraction and exponent; with a unit of time it is a duration.
    private func numberEnd() -> (String, Int)? {
        var end = digitsEnd(position)
        // Thousands: 1,234,567.
        while at(end) == UInt8(ascii: ","), digitsEnd(end + 1, limit: 4) == end + 4 { end += 4 }
        if at(end) == UInt8(ascii: "."), at(end + 1)?.isDigit == true { end = digitsEnd(end + 1) }
        if let letter = at(end), letter | 0x20 == UInt8(ascii: "e"), at(end + 1) != nil {
            let sign = at(end + 1) == UInt8(ascii: "-") || at(end + 1) == UInt8(ascii: "+") ? 1 : 0
            let exponent = digitsEnd(end + 1 + sign)
            if exponent > end + 1 + sign, at(exponent)?.isAlphanumeric != true { return ("<num>", exponent) }
        }
        var unit = end
        while unit - end < 8, let byte = at(unit), byte.isLetter || byte >= 0x80 { unit += 1 }
        if unit == end { return ("<num>", end) }
        guard Self.units.contains(String(decoding: bytes[end..<unit], as: UTF8.self)), at(unit)?.isAlphanumeric != true
        else { return nil }
        return ("<duration>", unit)
    }

    private static let units: Set<String> = [
        "ns", "us", "µs", "μs", "ms", "s", "sec", "secs", "m", "min", "mins", "h", "hr", "hrs", "d", "day", "days",
        "초", "분", "시간", "일",
    ]

    /// Ten and more letters and digits that keep taking turns.
    private func isRandom(_ range: Range<Int>) -> Bool {
        guard range.count >= 10 else { return false }
        var turns = 0
        for place in range.dropFirst() where bytes[place].isDigit != bytes[place - 1].isDigit { turns += 1 }
        return turns >= 4
    }
}
