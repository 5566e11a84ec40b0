// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Signing

/// Initial passwords, derived and stored nowhere: unguessable without the key, the same after every wipe.
package struct InitialPassword: Sendable {
    private let hmac: HMACSHA256

    /// Without glyphs that people mix up (0 O o 1 l I).
    private static let classes: [[UInt8]] = [
        Array("abcdefghijkmnpqrstuvwxyz".utf8), Array("ABCDEFGHJKLMNPQRSTUVWXYZ".utf8), Array("23456789".utf8),
    ]

    /// - Throws: ``SigningError``.
    package init(key: [UInt8]) throws(SigningError) {
        hmac = try HMACSHA256(key: key)
    }

    /// The password of one account: `length` characters (at least 3, at most 256), with a lower-case letter, a capital
    /// and a digit.
    /// - Parameter generation: Counts up when the member asks for a new one.
    /// - Throws: ``SigningError``.
    package func password(
        target: TargetName,
        member: MemberID,
        generation: Int,
        length: Int
    ) throws(SigningError) -> String {
        let subject = Array("slack-im/password/1\0\(target)\0\(member)\0\(generation)\0".utf8)
        var stream: [UInt8] = []
        var block: UInt8 = 0
        let alphabet = Self.classes.flatMap { $0 }

        /// The next byte of the stream that is below `bound` without favouring small numbers.
        func next(below bound: Int) throws(SigningError) -> Int {
            let limit = 256 - 256 % bound
            while true {
                if stream.isEmpty {
                    stream = try hmac.tag(of: [block], after: subject)
                    block &+= 1
                }
                let byte = Int(stream.removeLast())
                if byte < limit { return byte % bound }
            }
        }

        var characters: [UInt8] = []
        // A byte of the stream chooses among 256 places at most.
        for place in 0..<min(max(length, Self.classes.count), 256) {
            let set = place < Self.classes.count ? Self.classes[place] : alphabet
            characters.append(set[try next(below: set.count)])
        }
        for place in stride(from: characters.count - 1, to: 0, by: -1) {
            characters.swapAt(place, try next(below: place + 1))
        }
        return String(decoding: characters, as: UTF8.self)
    }
}
