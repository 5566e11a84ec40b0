// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Alerts
import JSON
import Testing

struct ScrubberTests {
    private let scrubber = Scrubber()

    @Test(arguments: [
        "password", "Password", "db_password", "userPassword", "DBPASSWORD", "passwd", "mysql_pwd", "secret",
        "client-secret", "SECRET_KEY", "api_key", "apiKey", "API-Key", "x-api-key", "privateKey", "auth", "authToken",
        "HTTP_AUTHORIZATION", "Authorization", "csrftoken", "XSRF-TOKEN", "access_token", "set_cookie", "Cookie",
        "sessionid", "PHPSESSID", "connect.sid", "credentials", "bearer", "otp", "two_factor", "creditCard",
        "card[number]", "비밀번호",
    ])
    func `knows a secret by its name`(name: String) {
        #expect(scrubber.isSensitive(name: name))
    }

    @Test(arguments: [
        "author", "authority_url_x", "tokenizer", "secretary", "keyboard", "monkey", "path", "filename", "passenger",
        "compass", "session", "cookiecutter", "pinned", "apiVersion", "key", "id", "", "passed", "oauthor",
    ])
    func `leaves names alone that only look alike`(name: String) {
        #expect(!scrubber.isSensitive(name: name))
    }

    @Test(arguments: ["kakaoId", "kakao_id", "user.kakao-id", "KAKAOID"])
    func `knows the names that a source adds`(name: String) {
        #expect(Scrubber(additionalNames: ["kakao_id"]).isSensitive(name: name))
        #expect(!scrubber.isSensitive(name: name))
    }

    @Test(arguments: [
        ("token=abc", "token=[Filtered]"),
        ("failed: password=hunter2&user=kim", "failed: password=[Filtered]&user=kim"),
        ("password: hunter2, user: kim", "password: [Filtered], user: kim"),
        (#"{"password":"hun\"ter2","n":1}"#, #"{"password":"[Filtered]","n":1}"#),
        (#"{\"password\":\"hunter2\",\"n\":1}"#, #"{\"password\":\"[Filtered]\",\"n\":1}"#),
        ("{'api_key': 'k1', 'b': 2}", "{'api_key': '[Filtered]', 'b': 2}"),
        ("'secret' => 'x y'", "'secret' => '[Filtered]'"),
        ("password='cut off", "password='[Filtered]"),
        ("Authorization: Bearer abc.def", "Authorization: [Filtered]"),
        ("Cookie: a=b; c=d\nnext", "Cookie: [Filtered]\nnext"),
        ("sent Bearer 0123abcd to it", "sent Bearer [Filtered] to it"),
        ("bearer of bad news", "bearer of bad news"),
        ("password=Bearer hunter2 Bearer abc123#", "password=Bearer [Filtered] Bearer [Filtered]#"),
        ("token: basic   dXNlcjpwdw==, user: kim", "token: basic   [Filtered], user: kim"),
        ("auth=Bearer, next", "auth=[Filtered], next"),
        ("invalid token: expected string", "invalid token: expected string"),
        ("token: 9f8e7d", "token: [Filtered]"),
        ("at TokenFilter.run(TokenFilter.java:52)", "at TokenFilter.run(TokenFilter.java:52)"),
        ("login(password=None)", "login(password=None)"),
        ("Token::new failed, token == other", "Token::new failed, token == other"),
        ("postgres://app:s3cr@t@db.example:5432/x", "postgres://[Filtered]@db.example:5432/x"),
        ("https://ghp@h.example/p?mail=a@b.example", "https://[Filtered]@h.example/p?mail=a@b.example"),
        ("https://h.example/p?mail=a@b.example", "https://h.example/p?mail=a@b.example"),
        ("get https://h.example/?a=1&access_token=zzz end", "get https://h.example/?a=1&access_token=[Filtered] end"),
        ("https://hooks.slack.com/services/T0/B0/xyz", "https://hooks.slack.com/services/[Filtered]"),
        ("k -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- z", "k [Filtered] z"),
        ("k -----BEGIN PRIVATE KEY-----\nMII", "k [Filtered]"),
        ("private_key=-----BEGIN KEY-----\nMII\n-----END KEY----- z", "private_key=[Filtered] z"),
        ("secret='-----BEGIN KEY-----\nMII\n-----END KEY----- and more', n", "secret='[Filtered]', n"),
        ("Bearer 4\u{FFFD}pwd=l", "Bearer [Filtered]\u{FFFD}pwd=[Filtered]"),
        ("x://token=a/b;@c", "x://token=[Filtered];@c"),
        ("x://4111 1111 1111 1111:p@c", "x://[Filtered]:p@c"),
        ("card 4111111111111111.", "card [Filtered]."),
        ("card 4111 1111 1111 1111 2030", "card [Filtered] 2030"),
        ("amex 3782-822463-10005", "amex [Filtered]"),
        ("id 12 4111-1111-1111-1111", "id 12 [Filtered]"),
        ("order 4111111111111112 at 1795316400000", "order 4111111111111112 at 1795316400000"),
        ("rrn 900101-1234567", "rrn [Filtered]"),
        ("part 901301-1234567", "part 901301-1234567"),
        ("xoxb-1234567890-abcdef leaked", "[Filtered] leaked"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "jwt [Filtered]"),
        ("AKIAIOSFODNN7EXAMPLE", "[Filtered]"),
        ("nothing to hide: author=kim, 42 orders", "nothing to hide: author=kim, 42 orders"),
        ("비밀번호=열려라", "비밀번호=[Filtered]"),
        ("", ""),
    ])
    func `takes only the secret out of a text, and nothing more the second time`(text: String, expected: String) {
        let scrubbed = scrubber.scrub(text)
        #expect(scrubbed == expected)
        #expect(scrubber.scrub(scrubbed) == expected)
    }

    @Test(arguments: [
        ("a=1&token=zzz", "a=1&token=[Filtered]"), ("t%6Fken=zzz&b", "t%6Fken=[Filtered]&b"),
        ("next=https%3A%2F%2Fu%3Ap%40h.example&x=1", "next=[Filtered]&x=1"),
        ("card=4111+1111+1111+1111", "card=[Filtered]"),
        ("user[password]=x;y=2", "user[password]=[Filtered];y=2"), ("token=", "token="), ("", ""), ("%", "%"),
        ("&&=&", "&&=&"),
    ])
    func `reads a query parameter by parameter`(query: String, expected: String) {
        #expect(scrubber.scrub(query: query) == expected)
    }

    @Test(arguments: [
        (
            "https://u:p@h.example/a?token=1#access_token=2",
            "https://[Filtered]@h.example/a?token=[Filtered]#access_token=[Filtered]"
        ),
        ("/a#b", "/a#b"), ("/a?b=1", "/a?b=1"), ("/a", "/a"),
        ("/?\u{5A3}a#\u{5A3}token=1", "/?\u{5A3}a#\u{5A3}token=[Filtered]"),
        ("/?a#\u{301}b&token=1#c", "/?a#\u{301}b&token=[Filtered]"),
    ])
    func `reads an address part by part`(url: String, expected: String) {
        #expect(scrubber.scrub(url: url) == expected)
        #expect(scrubber.scrub(url: expected) == expected)
    }

    @Test func `keeps the shape of a document`() throws {
        let body = try JSONValue(
            parsing: #"""
                {"request": {"query_string": "a=1&token=z", "headers": [["Cookie", "a=b"], ["Accept", "x"]],
                  "cookies": {"sessionid": "1"}, "data": {"card": "4111111111111111", "password": {"a": [1]}}},
                 "frames": [{"vars": {"api_key": "k", "author": "kim", "token": null, "auth": true}}],
                 "env": [{"key": "SECRET_KEY", "value": "v"}, {"key": "HOME", "value": "/root"}], "n": 4111}
                """#)
        let expected = try JSONValue(
            parsing: #"""
                {"request": {"query_string": "a=1&token=[Filtered]", "headers": [["Cookie", "[Filtered]"], ["Accept", "x"]],
                  "cookies": "[Filtered]", "data": {"card": "[Filtered]", "password": "[Filtered]"}},
                 "frames": [{"vars": {"api_key": "[Filtered]", "author": "kim", "token": null, "auth": true}}],
                 "env": [{"key": "SECRET_KEY", "value": "[Filtered]"}, {"key": "HOME", "value": "/root"}], "n": 4111}
                """#)
        #expect(scrubber.scrub(body) == expected)
        #expect(scrubber.scrub(expected) == expected)
    }

    @Test func `leaves no secret anywhere in a report and keeps who it hit`() throws {
        let secret = "hunter2hunter2"
        let frame = ErrorReport.Frame(filename: "a.py", function: "f", source: #"login("kim", password="\#(secret)")"#)
        let report = ErrorReport(
            eventID: someID, message: "password=\(secret)", messageTemplate: "token=\(secret)",
            exceptions: [
                .init(type: "E", value: "api_key: \(secret)", frames: [frame], stacktraceText: "secret='\(secret)'")
            ], frames: [frame],
            request: .init(
                method: "GET", path: "/x", query: "token=\(secret)", url: "https://kim:\(secret)@h.example/x"),
            user: .init(id: "42", name: "Kim", email: "kim@example.com"), fingerprint: ["token=\(secret)"],
            tags: ["auth_token": secret, "note": "pwd=\(secret)", "plain": "v"], transaction: "token=\(secret)")
        let scrubbed = scrubber.scrub(report)
        #expect(!"\(scrubbed)".contains(secret))
        #expect(scrubbed.user == report.user)
        #expect(scrubbed.tags["plain"] == "v")
        #expect(scrubbed.tags.keys == report.tags.keys)
        #expect(scrubber.scrub(scrubbed) == scrubbed)
    }

    /// Doubling the text may double the work: quadratic behaviour would take minutes here.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "token=[Filtered", "://", "-----BEGIN ", "4 ", "4111 ", "\"", "token='", "password:", "a@", "Bearer ",
            "eyJ", "a.", "&%", "<",
        ])
    func `takes hostile text in a single pass`(piece: String) {
        let text = String(repeating: piece, count: 100_000 / piece.utf8.count)
        #expect(!scrubber.scrub(text).isEmpty)
        #expect(!scrubber.scrub(query: text).isEmpty)
        #expect(!MessagePattern(text).description.isEmpty)
    }
}
