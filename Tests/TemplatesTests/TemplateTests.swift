// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON
import Templates
import Testing

struct TemplateTests {
    private static let values: [String: JSONValue] = [
        "name": "Kim Jisoo", "email_local": "Kim.Jisoo", "empty": "", "zero": 0, "number": 42, "yes": true, "no": false,
        "nothing": .null, "list": [1], "none": [], "object": ["a": 1], "group.S0SALES": true,
        "markup": "<b>&\"{{name}}",
        "custom.Xf0-1": "팀",
    ]

    private func value(_ name: String) -> JSONValue { Self.values[name] ?? .null }

    @Test(
        "Renders the subset",
        arguments: [
            ("", ""), ("plain { } }} text", "plain { } }} text"), ("Hi {{name}}!", "Hi Kim Jisoo!"),
            ("{{ name }} {{\tname\n}}", "Kim Jisoo Kim Jisoo"),
            ("<{{{name}}}|{{&name}}|{{& name }}>", "<Kim Jisoo|Kim Jisoo|Kim Jisoo>"),
            ("x{{missing}}{{nothing}}{{empty}}y", "xy"), ("n={{number}} b={{yes}}", "n=42 b=true"),
            ("l={{list}} o={{object}}", "l= o="), ("{{markup}}!", "<b>&\"{{name}}!"), ("a{{! {{ name }}b", "ab"),
            ("a{{!}}b{{! any * text }}c", "abc"), ("{{custom.Xf0-1}}장", "팀장"), ("{{name}}\n", "Kim Jisoo\n"),
            ("안녕 {{name}}님 👋", "안녕 Kim Jisoo님 👋"),
        ]
    )
    func renders(source: String, text: String) throws {
        #expect(try Template(source).text(value) == text)
        #expect(try Template(source).source == source)
    }

    @Test(
        "Applies transforms, the innermost first",
        arguments: [
            ("{{lowercased(email_local)}}", "kim.jisoo"), ("{{uppercased(name)}}", "KIM JISOO"),
            ("{{capitalized(email_local)}}", "Kim.jisoo"), ("{{ capitalized( uppercased( name ) ) }}", "Kim jisoo"),
            ("{{uppercased(capitalized(name))}}", "KIM JISOO"), ("x{{uppercased(missing)}}", "x"),
            ("x{{{lowercased(name)}}}", "xkim jisoo"), ("{{&lowercased(name)}}.", "kim jisoo."),
            ("{{uppercased(number)}}.", "42."), ("{{capitalized(empty)}}.", "."),
        ]
    )
    func transforms(source: String, text: String) throws {
        #expect(try Template(source).text(value) == text)
    }

    @Test(
        "A section shows for true, filled and non-zero values, an inverted one for the others",
        arguments: [
            ("yes", true), ("name", true), ("number", true), ("list", true), ("object", true), ("group.S0SALES", true),
            ("no", false), ("empty", false), ("zero", false), ("nothing", false), ("missing", false), ("none", false),
        ]
    )
    func sections(name: String, isShown: Bool) throws {
        #expect(
            try Template("[{{#\(name)}}a{{/\(name)}}{{^\(name)}}b{{/\(name)}}]").text(value)
                == (isShown ? "[a]" : "[b]"))
        #expect(try Template("{{# \(name) }}a{{/ \(name) }}").render(value) == .string(isShown ? "a" : ""))
    }

    @Test("Sections nest, also in themselves, and a list's section shows once")
    func nesting() throws {
        #expect(try Template("{{#yes}}1{{^no}}2{{#yes}}3{{/yes}}{{/no}}{{/yes}}").text(value) == "123")
        #expect(try Template("{{#list}}x{{/list}}").text(value) == "x")
        #expect(try Template("{{#no}}{{#yes}}{{name}}{{/yes}}{{/no}}").text(value) == "")
    }

    @Test(
        "A template that is one tag keeps the value's type",
        arguments: [
            ("{{number}}", 42), ("{{yes}}", true), ("{{nothing}}", .null), ("{{missing}}", .null), ("{{list}}", [1]),
            ("{{object}}", ["a": 1]), ("{{empty}}", ""), ("{{{number}}}", 42), ("{{&number}}", 42),
            ("{{ number }}", 42),
            ("{{uppercased(name)}}", "KIM JISOO"), ("{{uppercased(number)}}", 42), ("{{uppercased(nothing)}}", .null),
            ("{{number}} ", "42 "), (" {{nothing}}", " "), ("{{number}}{{number}}", "4242"),
            ("{{#yes}}{{number}}{{/yes}}", "42"),
            ("{{!c}}{{number}}", 42), ("", ""), ("12", "12"),
        ] as [(String, JSONValue)]
    )
    func types(source: String, result: JSONValue) throws {
        #expect(try Template(source).render(value) == result)
    }

    @Test("A value is never read as a template")
    func noSecondRound() throws {
        #expect(try Template("{{markup}}").render(value) == "<b>&\"{{name}}")
    }

    @Test(
        "Names are known before anything is rendered, those of sections too",
        arguments: [
            ("", []), ("text", []), ("{{a}}{{ b }}{{a}}", ["a", "b"]),
            ("{{#g.S0}}{{lowercased(x)}}{{/g.S0}}", ["g.S0", "x"]),
            ("{{^a}}{{#b}}{{{c}}}{{/b}}{{/a}}{{!d}}", ["a", "b", "c"]), ("{{이름}}", ["이름"]),
        ] as [(String, Set<String>)]
    )
    func names(source: String, names: Set<String>) throws {
        #expect(try Template(source).names == names)
    }

    @Test(
        "Refuses what it does not know, and names it",
        arguments: [
            ("{{", .unclosedTag), ("a {{name", .unclosedTag), ("{{name}", .unclosedTag), ("{{{name}}", .unclosedTag),
            ("{{! never", .unclosedTag), ("{{}}", .emptyTag), ("{{ \n }}", .emptyTag), ("{{{}}}", .emptyTag),
            ("{{&}}", .invalidName("")), ("{{{{name}}}}", .invalidName("{name")), ("{{a b}}", .invalidName("a b")),
            ("{{a{{b}}", .invalidName("a{{b")),
            ("{{a|upper}}", .invalidName("a|upper")), ("{{a/b}}", .invalidName("a/b")),
            ("{{#}}x{{/}}", .invalidName("")),
            ("{{lowercased()}}", .invalidName("")), ("{{a)}}", .invalidName("a)")),
            ("{{lowercased(a}}", .invalidName("lowercased(a")),
            ("{{reversed(name)}}", .unknownTransform("reversed")), ("{{(name)}}", .unknownTransform("")),
            ("{{Lowercased(name)}}", .unknownTransform("Lowercased")),
            ("{{lowercased(reversed(name))}}", .unknownTransform("reversed")),
            ("{{#lowercased(a)}}{{/lowercased(a)}}", .invalidName("lowercased(a)")),
            ("{{#a}}x", .unclosedSection("a")), ("{{#a}}{{#b}}{{/b}}", .unclosedSection("a")),
            ("{{/a}}", .strayEnd("a")),
            ("{{#a}}{{/b}}", .strayEnd("b")), ("{{#a}}{{#b}}{{/a}}{{/b}}", .strayEnd("a")),
            ("{{#a}}{{/a}}{{/a}}", .strayEnd("a")),
            ("{{> partial}}", .unsupported("> partial")), ("{{=<% %>=}}", .unsupported("=<% %>=")),
            ("{{< parent}}", .unsupported("< parent")), ("{{$ block}}", .unsupported("$ block")),
            ("{{{#a}}}x{{/a}}", .unsupported("{#a}")), ("{{{/a}}}", .unsupported("{/a}")),
            ("{{{! c }}}", .unsupported("{! c}")),
        ] as [(String, TemplateError)]
    )
    func refuses(source: String, error: TemplateError) {
        #expect(throws: error) { try Template(source) }
        #expect(!error.description.isEmpty)
    }

    @Test("Sections nest sixteen deep and no deeper, and ten thousand of them are no crash")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "{{#yes}}", count: depth) + "x" + String(repeating: "{{/yes}}", count: depth)
        }
        #expect(try Template(nested(16)).text(value) == "x")
        #expect(throws: TemplateError.tooDeep) { try Template(nested(17)) }
        #expect(throws: TemplateError.tooDeep) { try Template(nested(10_000)) }
    }

    @Test("A thousand transforms in each other are read")
    func manyTransforms() throws {
        let source = String(repeating: "lowercased(", count: 1000) + "name" + String(repeating: ")", count: 1000)
        #expect(try Template("{{\(source)}}").text(value) == "kim jisoo")
    }
}
