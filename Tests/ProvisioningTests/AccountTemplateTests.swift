// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Provisioning
import Testing

struct AccountTemplateTests {
    private static let full: JSONValue = [
        "userId": "{{email_local}}", "name": "{{real_name}}", "password": "{{password}}", "roleGroupId": "ADMIN",
        "centerIds": ["spectra", "{{title}}"], "customType": "user", "metadata": ["counselType": "user", "level": 3],
    ]

    private func account(_ shape: JSONValue, key: String? = nil, _ member: Member = .sample()) throws -> DesiredAccount?
    {
        try AccountTemplate(shape, key: key).account(for: member, in: .empty)
    }

    @Test func `an account renders as it is written`() throws {
        let template = try AccountTemplate(Self.full, key: nil)
        #expect(template.keyPath == ["userId"] && template.hasPassword && template.secretPaths == [["password"]])
        let account = try #require(template.account(for: .sample(), in: .empty))
        #expect(account.key == "kim")
        #expect(
            account.attributes.text
                == #"{"userId":"kim","name":"Kim","roleGroupId":"ADMIN","centerIds":["spectra"],"customType":"user","#
                + #""metadata":{"counselType":"user","level":3}}"#
        )
        let body = template.creation(for: .sample { $0.title = "x" }, in: .empty, password: "s3\"cret")
        #expect(
            body.text
                == #"{"userId":"kim","name":"Kim","password":"s3\"cret","roleGroupId":"ADMIN","centerIds":["spectra","x"],"#
                + #""customType":"user","metadata":{"counselType":"user","level":3}}"#
        )
    }

    @Test(
        arguments: [
            ("{{is_admin}}", true), ("admin: {{is_admin}}", "admin: true"), ("{{title}}", nil), ("<{{title}}>", "<>"),
            ("{{uppercased(real_name)}}", "KIM"), ("{{lowercased(title)}}", nil), ("{{real_name}} & co", "Kim & co"),
            ("", ""), ("plain", "plain"), ("{{custom.X1}}", "42"), ("{{custom.X2}}", nil), ("{{group.S1}}", true),
            ("{{#group.S1}}in{{/group.S1}}{{^group.S1}}out{{/group.S1}}", "in"),
            ("{{#group.S2}}in{{/group.S2}}{{^group.S2}}out{{/group.S2}}", "out"),
            ("{{#is_admin}}{{#group.S1}}both{{/group.S1}}{{/is_admin}}", "both"),
        ] as [(String, JSONValue?)])
    func `a leaf keeps its type, and null leaves its key out`(leaf: String, expected: JSONValue?) throws {
        let member = Member.sample { member in
            member.isAdmin = true
            member.custom = ["X1": "42"]
        }
        let listings = MemberSnapshot(members: [], userGroups: ["S1": ["U1"], "S2": []], takenAt: noon)
        let template = try AccountTemplate(["id": "{{id}}", "leaf": .string(leaf)], key: nil)
        let account = try #require(template.account(for: member, in: listings))
        #expect(account.attributes["leaf"] == expected)
        #expect(account.attributes.object?.keys == (expected == nil ? ["id"] : ["id", "leaf"]))
    }

    @Test func `sections say which groups must be listed`() throws {
        let template = try AccountTemplate(
            ["id": "{{id}}", "a": "{{#group.S1}}x{{/group.S1}}", "b": [["c": "{{group.S2}}"]]],
            key: nil
        )
        #expect(template.userGroups == ["S1", "S2"])
    }

    @Test func `literals stay what they are`() throws {
        let account = try #require(try account(["id": "{{id}}", "n": 12, "t": true, "z": .null, "o": [:], "a": []]))
        #expect(account.attributes.text == #"{"id":"U1","n":12,"t":true,"z":null,"o":{},"a":[]}"#)
    }

    @Test(arguments: [
        #"","admin":true,"x":""#, "line\nbreak\r\u{0}", "{{password}}", "{{#is_admin}}", "\\", "\u{2028}</script>", "김",
        #"{"a":1}"#, "}}", "😀\u{202E}",
    ])
    func `no name breaks out of its field`(name: String) throws {
        let template = try AccountTemplate(
            [
                "id": "{{id}}", "name": "{{real_name}}", "both": "{{real_name}}/{{real_name}}",
                "password": "{{password}}",
            ],
            key: nil
        )
        let member = Member.sample { $0.realName = name }
        let expected: JSONValue = [
            "id": "U1", "name": .string(name), "both": .string("\(name)/\(name)"), "password": "secret",
        ]
        let sent = template.creation(for: member, in: .empty, password: "secret")
        let read = try JSONValue(parsing: sent.bytes())
        #expect(read == expected)
        #expect(read.object?.keys == ["id", "name", "both", "password"])
    }

    // MARK: The key

    @Test(
        arguments: [
            (["userId": "{{id}}", "x": "{{email}}"], nil, ["userId"]),
            (["userId": "{{email}}", "x": "{{id}}"], "x", ["x"]),
            (["meta": [:], "a": ["b": ["c": "{{id}}"]]], nil, ["a", "b", "c"]),
            (["x": 1, "a": ["b": "{{id}}"]], "a.b", ["a", "b"]),
        ] as [(JSONValue, String?, [String])])
    func `the key is the first leaf or the one that is named`(shape: JSONValue, key: String?, path: [String]) throws {
        let template = try AccountTemplate(shape, key: key)
        #expect(template.keyPath == path)
        #expect(template.account(for: .sample(), in: .empty)?.key == "U1")
    }

    @Test(
        arguments: [
            (["userId": "{{id}}"], "user", #"the key "user" is no leaf of account"#),
            (["a": ["b": "{{id}}"]], "a", #"the key "a" is no leaf of account"#),
            (["a": ["b": "{{id}}"]], "a.b.c", #"the key "a.b.c" is no leaf of account"#),
            (["a": "{{id}}"], "", #"the key "" is no leaf of account"#),
            (["ids": ["{{id}}"]], nil, #"the key "ids" is no leaf of account"#),
            (["o": [:]], nil, #"the key "" is no leaf of account"#),
            (["p": "{{password}}"], nil, "the key cannot be the password"),
            ([:], nil, "must be an object with at least one field"),
            ("{{id}}", nil, "must be an object with at least one field"),
            ([["a": "{{id}}"]], nil, "must be an object with at least one field"),
        ] as [(JSONValue, String?, String)])
    func `a template without a usable key is refused`(shape: JSONValue, key: String?, message: String) throws {
        let problem = try #require(throws: AccountTemplate.Problem.self) { try AccountTemplate(shape, key: key) }
        #expect(problem.items.map(\.message) == [message])
    }

    @Test(arguments: ["{{title}}", "{{title}} ", "\u{3000}{{title}}\n"])
    func `a member whose key comes out empty has no account`(leaf: String) throws {
        #expect(try account(["id": .string(leaf), "name": "{{real_name}}"]) == nil)
        #expect(try account(["id": .string(leaf), "name": "x"], key: nil, .sample { $0.title = "t" }) != nil)
    }

    @Test func `everything that is wrong is said at once, with its path`() throws {
        let problem = try #require(throws: AccountTemplate.Problem.self) {
            try AccountTemplate(
                [
                    "userId": "{{email_locl}}", "a": ["b": "{{zeta}}{{alpha}}", "ok": "{{custom.X}}"],
                    "list": ["x", "{{open"], "c": "{{custom.}}", "g": "{{group.}}", "s": "{{shouted(id)}}",
                ],
                key: "nowhere"
            )
        }
        #expect(
            problem.items.map { "\($0.path.joined(separator: ".")): \($0.message)" } == [
                #"userId: unknown template name "email_locl""#, #"a.b: unknown template name "alpha""#,
                #"a.b: unknown template name "zeta""#, "list: a tag is opened with {{ and never closed with }}",
                #"c: unknown template name "custom.""#, #"g: unknown template name "group.""#,
                #"s: unknown transform "shouted"; known are lowercased, uppercased, capitalized"#,
                #"nowhere: the key "nowhere" is no leaf of account"#,
            ]
        )
    }

    // MARK: Passwords

    @Test(
        arguments: [
            (["id": "{{id}}", "p": "{{password}}"], #"{"id":"U1"}"#, #"{"id":"U1","p":"pw"}"#),
            (["id": "{{id}}", "p": "x{{password}}y"], #"{"id":"U1"}"#, #"{"id":"U1","p":"xpwy"}"#),
            (["id": "{{id}}", "p": "{{#password}}set{{/password}}"], #"{"id":"U1"}"#, #"{"id":"U1","p":"set"}"#),
            (["id": "{{id}}", "o": ["p": "{{password}}"]], #"{"id":"U1","o":{}}"#, #"{"id":"U1","o":{"p":"pw"}}"#),
            (["id": "{{id}}", "l": ["{{id}}", "{{password}}"]], #"{"id":"U1"}"#, #"{"id":"U1","l":["U1","pw"]}"#),
            (
                ["id": "{{id}}", "l": [["t": "m", "v": "{{id}}"], ["t": "p", "v": "{{password}}"]]], #"{"id":"U1"}"#,
                #"{"id":"U1","l":[{"t":"m","v":"U1"},{"t":"p","v":"pw"}]}"#
            ),
        ] as [(JSONValue, String, String)])
    func `the password leaves in a creation and nowhere else`(shape: JSONValue, kept: String, sent: String) throws {
        let template = try AccountTemplate(shape, key: nil)
        #expect(template.hasPassword)
        #expect(template.account(for: .sample(), in: .empty)?.attributes.text == kept)
        #expect(template.creation(for: .sample(), in: .empty, password: "pw").text == sent)
    }

    @Test func `a template without a password has none to send`() throws {
        let template = try AccountTemplate(["id": "{{id}}"], key: nil)
        #expect(!template.hasPassword)
        #expect(template.creation(for: .sample(), in: .empty, password: "pw").text == #"{"id":"U1"}"#)
    }

    // MARK: Values

    @Test func `a leaf is replaced in place, and made where it is missing`() {
        let value: JSONValue = ["a": ["b": 1, "c": 2], "d": "text"]
        #expect(value.replacing(["a", "b"], with: "x").text == #"{"a":{"b":"x","c":2},"d":"text"}"#)
        #expect(value.replacing(["n", "m"], with: true).text == #"{"a":{"b":1,"c":2},"d":"text","n":{"m":true}}"#)
        #expect(value.replacing(["d", "e"], with: 1).text == #"{"a":{"b":1,"c":2},"d":{"e":1}}"#)
        #expect(value.replacing([], with: 1) == 1)
    }

    @Test func `leaves are everything that is no object`() {
        let value: JSONValue = ["a": ["b": .null, "c": [["x": 1]]], "e": [:], "d": 2]
        #expect(value.leaves.map(\.path) == [["a", "b"], ["a", "c"], ["d"]])
        #expect(value.leaves.map(\.value) == [.null, [["x": 1]], 2] as [JSONValue])
    }

    @Test func `an account keeps everything but its key when it is renamed`() throws {
        let account = try #require(try account(["a": ["id": "{{id}}"], "n": "{{real_name}}"]))
        let renamed = account.renamed(to: "other")
        #expect(renamed.key == "other" && renamed.attributes.text == #"{"a":{"id":"other"},"n":"Kim"}"#)
    }
}
