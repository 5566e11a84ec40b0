// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Testing

struct InitialPasswordTests {
    private let key = Array("a key for tests".utf8)

    private func password(
        _ member: MemberID = "U1",
        key: [UInt8]? = nil,
        target: TargetName = "dev",
        generation: Int = 0,
        length: Int = 20
    ) throws -> String {
        try InitialPassword(key: key ?? self.key)
            .password(target: target, member: member, generation: generation, length: length)
    }

    @Test func `the same account has the same password, for ever`() throws {
        let first = try password()
        #expect(try password() == first)
        #expect(first == "WgxCysmL6YBTZKntuZqp", "whoever changes the derivation changes everybody's password")
    }

    @Test func `another account, target, generation or key has another`() throws {
        let all = try [
            password(), password("U2"), password(target: "prod"), password(generation: 1), password(generation: -1),
            password(key: [1]), password("U1\u{0}0"), password("1", target: "dev\u{0}U"), password(length: 21),
        ]
        #expect(Set(all).count == all.count)
    }

    @Test(arguments: [
        (-1, 3), (0, 3), (2, 3), (3, 3), (8, 8), (20, 20), (128, 128), (256, 256), (257, 256), (9999, 256),
    ])
    func `it is as long as asked, within reason`(length: Int, expected: Int) throws {
        #expect(try password(length: length).count == expected)
    }

    @Test func `a key without bytes is refused`() {
        #expect(throws: (any Error).self) { try InitialPassword(key: []) }
    }

    @Test(arguments: [3, 20]) func `a thousand passwords differ and have every class`(length: Int) throws {
        let derivation = try InitialPassword(key: key)
        var passwords: Set<String> = []
        for number in 0..<1000 {
            let password = try derivation.password(
                target: "dev",
                member: MemberID("U\(number)"),
                generation: 0,
                length: length
            )
            #expect(password.contains { ("a"..."z").contains($0) }, "\(password)")
            #expect(password.contains { ("A"..."Z").contains($0) }, "\(password)")
            #expect(password.contains { ("2"..."9").contains($0) }, "\(password)")
            #expect(
                password.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) && !"0Oo1lI".contains($0) },
                "\(password)")
            passwords.insert(password)
        }
        // Three characters allow some 4,400 × 6 passwords: a few of a thousand may be alike.
        #expect(length == 3 ? passwords.count > 950 : passwords.count == 1000)
    }

    @Test func `no character and no place is favoured`() throws {
        let derivation = try InitialPassword(key: key)
        var counts: [Character: Int] = [:]
        var digitsFirst = 0
        for number in 0..<1000 {
            let password = try derivation.password(
                target: "dev", member: MemberID("U\(number)"), generation: 0, length: 20)
            for character in password { counts[character, default: 0] += 1 }
            if password.first?.isNumber == true { digitsFirst += 1 }
        }
        #expect(counts.count == 24 + 24 + 8)
        // Of 17,000 free characters each of the 56 has 304; the class's own character adds 1000 / 24 or 1000 / 8.
        for (character, count) in counts {
            let expected = 17_000.0 / 56 + (character.isNumber ? 125 : 1000.0 / 24)
            #expect(abs(Double(count) - expected) < 0.3 * expected, "\(character): \(count) instead of \(expected)")
        }
        // (1 + 17 × 8/56) of 20 are digits: 171 of a thousand first ones, give or take.
        #expect((120..<225).contains(digitsFirst), "\(digitsFirst)")
    }
}
