// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Signing
import Testing
import Time

@testable import Slack

struct RequestVerifierTests {
    private static let secret = "8f742231b10e8888abcd99yyyzzz85a5"
    private static let time: Int64 = 1_531_420_618
    private static let body = Array("a=b".utf8)

    private func verifier(_ secrets: String...) throws -> RequestVerifier {
        try RequestVerifier(secrets: secrets.map { try #require(Secret($0)) })
    }

    private func now(_ seconds: Int64 = time) -> Timestamp { Timestamp(seconds: seconds) }

    private func signature(_ timestamp: String = "\(time)", _ body: [UInt8] = body) throws -> String {
        try verifier(Self.secret).sign(timestamp: timestamp, body: body)
    }

    /// What a forger gets who signs with a key of nothing: here so that the test does not depend on the code it tests.
    private static let emptyKeyForgery = "v0=e41eaad997f999cf9641f64ac079178980f5264c19f1c31ca5b85c3c40b50c7e"

    // MARK: Vectors

    @Test(
        "Accepts what Slack's documentation and three SDKs sign, and signs it the same",
        arguments: [
            (
                secret, "1531420618",
                "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
                    + "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
                    + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
                    + "%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
                "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
            ),
            (
                "e6b19c573432dcc6b075501d51b51bb8", "1531431954",
                #"{"token":"aF5ynEYQH0dFN9imlgcADxDB","team_id":"XXXXXXXXX","api_app_id":"YYYYYYYYY","event":{"#
                    + #""type":"app_mention","user":"AAAAAAAAA","text":"<@EEEEEEEEE> hello world","#
                    + #""client_msg_id":"477cc591-ch73-a14z-4db8-g0cd76321bec","ts":"1531431954.000073","#
                    + #""channel":"TTTTTTTTT","event_ts":"1531431954.000073"},"type":"event_callback","#
                    + #""event_id":"TvBP7LRED7","event_time":1531431954,"authed_users":["EEEEEEEEE"]}"#,
                "v0=adada4ed31709aef585c2580ca3267678c6a8eaeb7e0c1aca3ee57b656886b2c"
            ),
            (
                "fa2c05deeef5a4077494e89f54394de0", "1531420618", "test-body",
                "v0=baa91ef62d346e56607bbdd278a8acd570b91226854f15a382f43d33be42f666"
            ),
        ]
    )
    func publicVectors(secret: String, timestamp: String, body: String, signature: String) throws {
        let verifier = try verifier(secret)
        let body = Array(body.utf8)
        let now = now(try #require(Int64(timestamp)) + 2)
        try verifier.verify(timestamps: [timestamp], signatures: [signature], body: body, now: now)
        #expect(try verifier.sign(timestamp: timestamp, body: body) == signature)

        // One character of the secret, of the body or of the time makes it somebody else's.
        let other = try self.verifier(secret.dropLast() + "o")
        #expect(throws: SignatureFailure.mismatch) {
            try other.verify(timestamps: [timestamp], signatures: [signature], body: body, now: now)
        }
        #expect(throws: SignatureFailure.mismatch) {
            try verifier.verify(timestamps: [timestamp], signatures: [signature], body: body + [0x0A], now: now)
        }
        #expect(throws: SignatureFailure.mismatch) {
            try verifier.verify(timestamps: ["0" + timestamp], signatures: [signature], body: body, now: now)
        }
    }

    @Test(
        "The body is its bytes, whether they are text or not",
        arguments: [
            ([], "55f41ec73231010289b54e669149ea021fccab11b5524355523533ce930cb739"),
            ([0x61, 0x3D, 0xFF], "c85c288f260008f1ff88ce1398d837616e1cecd99df1c8984894aa19b8c90ef3"),
            ([0x61, 0x3D, 0x00, 0x62], "5537c3bd40078d34803e776eac0c9a2dc7935db7f7dce0e34ea1d4f24e6275b3"),
            (Array(#"{"text":"안녕 👋"}"#.utf8), "b9bb76d987dcf52bf69b557d07543870b2be82604281490e59b0464d680822cd"),
            (Array("text=a+b%20c".utf8), "f8572e76a533e96a25696c7e313916f9d845ee8e154f7d09fb26d91e6f320519"),
            (
                Array("command=%2Fim&text=status+payload".utf8),
                "afc61588cc26dd48233dbd8d9da387c7fe06829c221580e8deb5fe123759532b"
            ),
            (
                Array(
                    (#"{"token":"Jhj5dZrVaK7ZwHHjRyZWjbDl","#
                        + #""challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","#
                        + #""type":"url_verification"}"#).utf8
                ), "f9bd80929259f3f6d5fe3a3186c453c89cd1ad4862815a15837584f31c993652"
            ),
        ] as [([UInt8], String)]
    )
    func derivedVectors(body: [UInt8], tag: String) throws {
        let verifier = try verifier(Self.secret)
        try verifier.verify(timestamps: ["\(Self.time)"], signatures: ["v0=" + tag], body: body, now: now())
        #expect(try verifier.sign(timestamp: "\(Self.time)", body: body) == "v0=" + tag)
    }

    // MARK: Secrets

    @Test("Without a secret there is no verifier, and nobody signs with an empty key")
    func emptyKey() throws {
        #expect(throws: SigningError.emptyKey) { try RequestVerifier(secrets: []) }
        #expect(Secret("") == nil)
        #expect(throws: SignatureFailure.mismatch) {
            try verifier(Self.secret).verify(
                timestamps: ["\(Self.time)"], signatures: [Self.emptyKeyForgery], body: Self.body, now: now()
            )
        }
    }

    @Test("While a secret is rotated, each of them is accepted and the first one signs")
    func rotation() throws {
        let both = try verifier("new-secret", Self.secret)
        for secret in ["new-secret", Self.secret] {
            let signature = try verifier(secret).sign(timestamp: "\(Self.time)", body: Self.body)
            try both.verify(timestamps: ["\(Self.time)"], signatures: [signature], body: Self.body, now: now())
        }
        #expect(
            try both.sign(timestamp: "1", body: []) == verifier("new-secret").sign(timestamp: "1", body: [])
        )
        let stranger = try verifier("third-secret").sign(timestamp: "\(Self.time)", body: Self.body)
        #expect(throws: SignatureFailure.mismatch) {
            try both.verify(timestamps: ["\(Self.time)"], signatures: [stranger], body: Self.body, now: now())
        }
    }

    @Test("A secret that looks like hex is used as the text that it is")
    func secretIsText() throws {
        let hex = try RequestVerifier(secrets: [#require(Secret("61"))]).sign(timestamp: "1", body: [])
        let letter = try RequestVerifier(secrets: [#require(Secret("a"))]).sign(timestamp: "1", body: [])
        #expect(hex != letter)
    }

    // MARK: Headers

    @Test("Both headers must be there, once each")
    func headerCount() throws {
        let verifier = try verifier(Self.secret)
        let time = "\(Self.time)"
        let good = try signature()
        let cases: [([String], [String], SignatureFailure)] = [
            ([], [], .headerMissing), ([time], [], .headerMissing), ([], [good], .headerMissing),
            ([time, time], [good], .headerRepeated), ([time], [good, good], .headerRepeated),
            ([time], [good, "v0=" + String(repeating: "0", count: 64)], .headerRepeated),
            ([time, "0"], [good, good], .headerRepeated),
        ]
        for (timestamps, signatures, failure) in cases {
            #expect(throws: failure) {
                try verifier.verify(timestamps: timestamps, signatures: signatures, body: Self.body, now: now())
            }
        }
    }

    @Test(
        "A timestamp is plain digits, even when its signature is right",
        arguments: [
            "", " ", " 1531420618", "1531420618 ", "1531420618\n", "1_531_420_618", "１５３１４２０６１８", "١٥٣١٤٢٠٦١٨", "1e9",
            "1.5e9",
            "0x5B4F", "0x5B47A54A", "+1", "+1531420618", "-1", "-1531420618", "1531420618.0", "1531420618,1531420618",
            "NaN", "inf",
            "null", "1531420618\0", "1531420618000000", "0000000000001531420618", "9223372036854775808",
            "99999999999999999999999999", "é",
        ]
    )
    func malformedTimestamp(text: String) throws {
        let signature = try signature(text)
        #expect(throws: SignatureFailure.timestampMalformed) {
            try verifier(Self.secret).verify(timestamps: [text], signatures: [signature], body: Self.body, now: now())
        }
    }

    @Test("Leading zeros are digits, and are signed as they stand")
    func leadingZeros() throws {
        let text = "00\(Self.time)"
        try verifier(Self.secret).verify(
            timestamps: [text], signatures: [signature(text)], body: Self.body, now: now()
        )
    }

    @Test("Three hundred seconds are good, both ways", arguments: [-300, -299, -1, 0, 1, 299, 300] as [Int64])
    func fresh(offset: Int64) throws {
        let verifier = try verifier(Self.secret)
        let signature = try signature()
        try verifier.verify(
            timestamps: ["\(Self.time)"], signatures: [signature], body: Self.body, now: now(Self.time + offset)
        )
    }

    @Test("Three hundred and one are not, both ways, nor is any time far off")
    func stale() throws {
        let verifier = try verifier(Self.secret)
        let signature = try signature()
        for offset in [-301, 301, -86_400, 86_400, -Self.time] as [Int64] {
            #expect(throws: SignatureFailure.timestampStale) {
                try verifier.verify(
                    timestamps: ["\(Self.time)"], signatures: [signature], body: Self.body, now: now(Self.time + offset)
                )
            }
        }
        for text in ["0", "1", "999999999999999", "000000000000000"] {
            let signature = try self.signature(text)
            for now in [now(), Timestamp(milliseconds: .max), Timestamp(milliseconds: .min + 1)] {
                #expect(throws: SignatureFailure.timestampStale) {
                    try verifier.verify(timestamps: [text], signatures: [signature], body: Self.body, now: now)
                }
            }
        }
    }

    @Test("The window counts whole seconds")
    func windowInMilliseconds() throws {
        let verifier = try verifier(Self.secret)
        let signature = try signature()
        let edge = Timestamp(milliseconds: (Self.time + 300) * 1000 + 999)
        try verifier.verify(timestamps: ["\(Self.time)"], signatures: [signature], body: Self.body, now: edge)
        #expect(throws: SignatureFailure.timestampStale) {
            try verifier.verify(
                timestamps: ["\(Self.time)"], signatures: [signature], body: Self.body, now: edge + .milliseconds(1)
            )
        }
    }

    @Test("A signature is v0= and 64 hex digits, and nothing else is looked at twice")
    func malformedSignature() throws {
        let verifier = try verifier(Self.secret)
        let good = try signature()
        let digits = String(good.dropFirst(3))
        let but1 = String(digits.dropLast())
        let but2 = String(digits.dropLast(2))
        let but3 = String(digits.dropLast(3))
        let cases: [String] = [
            "", "v0", "v0=", digits, "=\(digits)", "v1=\(digits)", "V0=\(digits)", "v0:\(digits)", "v00=\(digits)",
            " \(good)", "\(good) ", "\(good)\n", "\(good)\0", "v0=\(but1)", "v0=\(but2)", "\(good)0", "\(good)00",
            "v0=\(good)", "\"\(good)\"", "\(good),", "\(good),\(good)", "v0=\(but1)g", "v0=\(but2)+a", "v0=\(but2) a",
            "v0=\(but2)0x", "v0=\(but2)é", "v0=\(but3)０", "v0=é\(digits.dropFirst(2))", "é",
            String(repeating: "é", count: 64), "v0=\(String(repeating: "한", count: 64))", "ｖ0=\(digits)",
            "v0=\(but1)\u{301}", String(repeating: "a", count: 1 << 16), "sha256=\(digits)",
        ]
        for text in cases {
            #expect(throws: SignatureFailure.signatureMalformed, "\(text.prefix(90))") {
                try verifier.verify(timestamps: ["\(Self.time)"], signatures: [text], body: Self.body, now: now())
            }
        }
    }

    @Test("Upper-case digits name the same bytes: Slack sends lower case, and we accept both")
    func upperCase() throws {
        let good = try signature()
        let upper = "v0=" + good.dropFirst(3).uppercased()
        #expect(upper != good)
        try verifier(Self.secret).verify(
            timestamps: ["\(Self.time)"], signatures: [upper], body: Self.body, now: now()
        )
    }

    @Test("A signature is wrong with any digit of it changed")
    func everyDigitCounts() throws {
        let verifier = try verifier(Self.secret)
        let good = Array(try signature().utf8)
        for place in 3..<good.count {
            var changed = good
            changed[place] = good[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            #expect(throws: SignatureFailure.mismatch) {
                try verifier.verify(
                    timestamps: ["\(Self.time)"], signatures: [String(decoding: changed, as: UTF8.self)],
                    body: Self.body, now: now()
                )
            }
        }
    }

    @Test("What is said of a failure holds neither signature, nor the secret, nor the body")
    func failureTellsNothing() throws {
        let sent = Self.emptyKeyForgery
        let expected = try signature()
        let failure = #expect(throws: SignatureFailure.self) {
            try verifier(Self.secret).verify(
                timestamps: ["\(Self.time)"], signatures: [sent], body: Self.body, now: now()
            )
        }
        var dumped = ""
        dump(failure, to: &dumped)
        for text in [String(describing: failure), String(reflecting: failure), dumped, failure?.rawValue ?? ""] {
            #expect(!text.isEmpty)
            for hidden in [
                sent, expected, Self.secret, "a=b", String(sent.dropFirst(3)), String(expected.dropFirst(3)),
            ] {
                #expect(!text.contains(hidden))
            }
        }
        #expect(Set(SignatureFailure.allCases.map(\.rawValue)).count == SignatureFailure.allCases.count)
    }
}
