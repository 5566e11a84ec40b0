// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// Which names of fields, parameters and headers stand for secrets.
///
/// A name is compared word by word (`authToken`, `auth-token` and `AUTH_TOKEN` are the words auth and token), so that
/// `author` and `tokenizer` are left alone.
struct SensitiveNames: Sendable, Hashable {
    /// How sure a name is.
    enum Weight: Int, Sendable, Comparable {
        case none
        /// Also an everyday word: in a sentence it counts only before what looks like a secret.
        case weak
        case strong

        static func < (left: Weight, right: Weight) -> Bool { left.rawValue < right.rawValue }
    }

    private let additional: [[[UInt8]]]

    /// - Parameter additional: names that a source adds; written in any style.
    init(additional: [String]) {
        self.additional = additional.map { Self.words(of: Array($0.utf8)[...]) }.filter { !$0.isEmpty }
    }

    /// Names longer than this are no names.
    private static let longest = 128

    func weight(_ name: String) -> Weight { weight(Array(name.utf8)[...]) }

    func weight(_ name: ArraySlice<UInt8>) -> Weight {
        guard name.count >= 2, Self.mayBeSensitive(name) || !additional.isEmpty else { return .none }
        let words = Self.words(of: name.suffix(Self.longest))
        var weight = Weight.none
        for (place, word) in words.enumerated() {
            weight = max(weight, Self.weight(ofWord: word))
            if place > 0, Self.pairs.contains([words[place - 1], word]) { weight = .strong }
        }
        if weight == .strong || additional.isEmpty { return weight }
        return additional.contains { Self.holds(words, $0) } ? .strong : weight
    }

    /// Whether the words stand in a name, one after the other or written as one.
    private static func holds(_ words: [[UInt8]], _ wanted: [[UInt8]]) -> Bool {
        if Array(words.joined()) == Array(wanted.joined()) { return true }
        guard words.count >= wanted.count else { return false }
        return (0...words.count - wanted.count).contains { words[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }

    private static func weight(ofWord word: [UInt8]) -> Weight {
        if strong.contains(word) || parts.contains(where: { part in Self.contains(word, part) }) { return .strong }
        let isEnding = endings.contains { word.count > $0.count && word.suffix($0.count).elementsEqual($0) }
        return isEnding || weak.contains(word) ? .weak : .none
    }

    private static func contains(_ word: [UInt8], _ part: [UInt8]) -> Bool {
        guard word.count >= part.count else { return false }
        return (0...word.count - part.count).contains { place in
            word[place] == part[0] && word[place..<place + part.count].elementsEqual(part)
        }
    }

    private static let strong = bytes([
        "password", "passwd", "passphrase", "passcode", "pwd", "secret", "secrets", "apikey", "credential",
        "credentials", "bearer", "authorization", "jwt", "otp", "totp", "cvv", "cvc", "pin", "ssn", "sessionid",
        "phpsessid", "jsessionid", "privatekey", "비밀번호", "패스워드", "암호", "주민등록번호", "주민번호",
    ])
    private static let weak = bytes([
        "token", "tokens", "auth", "cookie", "cookies", "csrf", "xsrf", "sid", "signature", "authentication",
    ])
    /// Found anywhere in a word: nobody writes them with another meaning.
    private static let parts = bytes([
        "password", "passwd", "passphrase", "apikey", "privatekey", "credential", "비밀번호",
    ])
    private static let endings = bytes(["token", "secret", "pwd", "cookie"])
    private static let pairs = Set(
        [
            ["api", "key"], ["private", "key"], ["access", "key"], ["secret", "key"], ["encryption", "key"],
            ["signing", "key"], ["session", "id"], ["session", "key"], ["connect", "sid"], ["two", "factor"],
            ["card", "number"], ["credit", "card"], ["set", "cookie"], ["access", "token"], ["refresh", "token"],
            ["id", "token"], ["auth", "token"], ["csrf", "token"], ["bot", "token"], ["reset", "token"],
        ].map { $0.map { Array($0.utf8) } })

    private static func bytes(_ words: [String]) -> Set<[UInt8]> { Set(words.map { Array($0.utf8) }) }

    /// A cheap first look, since most names in an event are `filename`, `lineno` and the like: every listed word holds
    /// one of these beginnings.
    private static func mayBeSensitive(_ name: ArraySlice<UInt8>) -> Bool {
        var previous: UInt8 = 0
        for byte in name {
            let letter = byte.lowercased
            if byte >= 0x80 { return true }
            switch (previous, letter) {
            case (0x70, 0x61), (0x70, 0x77), (0x70, 0x69), (0x70, 0x68): return true  // pa pw pi ph
            case (0x73, 0x65), (0x73, 0x73), (0x73, 0x69), (0x6A, 0x73), (0x6A, 0x77): return true  // se ss si js jw
            case (0x74, 0x6F), (0x6F, 0x74), (0x61, 0x75), (0x61, 0x70), (0x61, 0x63): return true  // to ot au ap ac
            case (0x63, 0x72), (0x63, 0x6F), (0x63, 0x76), (0x63, 0x73), (0x63, 0x61): return true  // cr co cv cs ca
            case (0x62, 0x65), (0x78, 0x73), (0x6B, 0x65), (0x74, 0x77), (0x65, 0x6E): return true  // be xs ke tw en
            default: previous = letter
            }
        }
        return false
    }

    /// The words of a name in lower case, split at signs and at the humps of camel case.
    static func words(of name: ArraySlice<UInt8>) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var word: [UInt8] = []
        func close() {
            if !word.isEmpty { words.append(word) }
            word.removeAll(keepingCapacity: true)
        }
        for place in name.indices {
            let byte = name[place]
            guard byte.isAlphanumeric || byte >= 0x80 else {
                close()
                continue
            }
            if byte.isUppercase, place > name.startIndex {
                let afterSmall = name[place - 1].isLowercase || name[place - 1].isDigit
                let beforeSmall = place + 1 < name.endIndex && name[place + 1].isLowercase
                if afterSmall || (name[place - 1].isUppercase && beforeSmall) { close() }
            }
            word.append(byte.lowercased)
        }
        close()
        return words
    }
}
