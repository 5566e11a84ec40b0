// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Connectors
import Testing

@Suite struct ProxyRulesTests {
    private func route(_ url: String, _ environment: [String: String]) throws -> String? {
        try ProxyRules(environment: environment).proxy(for: try #require(HTTPAddress(url))).map { "\($0)" }
    }

    @Test(
        "Each kind of address has its variable, lower case first",
        arguments: [
            ("https://a.example.com", ["HTTPS_PROXY": "http://p:8080"], "p:8080 ($HTTPS_PROXY)"),
            ("http://a.example.com", ["HTTPS_PROXY": "http://p:8080"], nil),
            ("http://a.example.com", ["HTTP_PROXY": "p:8080"], "p:8080 ($HTTP_PROXY)"),
            ("https://a.example.com", ["HTTP_PROXY": "p:8080"], nil),
            ("https://a.example.com", ["ALL_PROXY": "http://p:8080/"], "p:8080 ($ALL_PROXY)"),
            ("https://a.example.com", ["ALL_PROXY": "all:1", "https_proxy": "low:2"], "low:2 ($https_proxy)"),
            ("https://a.example.com", ["HTTPS_PROXY": "up:1", "https_proxy": "low:2"], "low:2 ($https_proxy)"),
            ("https://a.example.com", ["HTTPS_PROXY": "", "https_proxy": ""], nil),
            ("https://a.example.com", ["HTTPS_PROXY": "http://p"], "p:80 ($HTTPS_PROXY)"),
            ("https://a.example.com", ["HTTPS_PROXY": "http://[::1]:3128"], "::1:3128 ($HTTPS_PROXY)"),
        ] as [(String, [String: String], String?)]
    )
    func variables(url: String, environment: [String: String], proxy: String?) throws {
        #expect(try route(url, environment) == proxy)
    }

    @Test(
        "NO_PROXY names hosts with what is below them, addresses, networks, ports, or everything",
        arguments: [
            ("example.com", "https://example.com", false), ("example.com", "https://a.example.com", false),
            ("example.com", "https://notexample.com", true), (".example.com", "https://a.example.com", false),
            ("*.example.com", "https://a.example.com", false), ("EXAMPLE.com", "https://a.example.COM", false),
            ("a.com, b.com", "https://b.com", false), ("a.com b.com", "https://b.com", false),
            ("b.com:8443", "https://b.com:8443", false), ("b.com:8443", "https://b.com", true),
            ("10.0.0.0/8", "https://10.2.3.4", false), ("10.0.0.0/8", "https://11.2.3.4", true),
            ("0.0.0.0/0", "https://11.2.3.4", false), ("10.0.0.0/33", "https://10.2.3.4", true),
            ("10.0.0.0/8", "https://ten.example.com", true), ("*", "https://anything.example.com", false),
            ("", "https://b.com", true), (",,", "https://b.com", true), (".", "https://b.com", true),
        ]
    )
    func exceptions(list: String, url: String, isProxied: Bool) throws {
        for name in ["NO_PROXY", "no_proxy"] {
            #expect(
                try route(url, ["HTTPS_PROXY": "http://p:1", name: list]) == (isProxied ? "p:1 ($HTTPS_PROXY)" : nil))
        }
    }

    @Test(
        "This machine is never reached through a proxy",
        arguments: ["http://localhost:3000", "http://127.0.0.1", "http://[::1]"])
    func loopback(url: String) throws {
        #expect(try route(url, ["HTTP_PROXY": "http://p:1"]) == nil)
    }

    @Test(
        "A variable that cannot be used is named, and nothing of its value is shown",
        arguments: [
            "https://user:secret@p:1", "socks5://secret:1", "http://", "http://p:secret", "http://p:1/secret",
            "http://us%zz:secret@p:1",
        ]
    )
    func problems(value: String) {
        let problem = #expect(throws: ProxyRules.Problem.self) { try ProxyRules(environment: ["HTTPS_PROXY": value]) }
        #expect(problem?.description.hasPrefix("$HTTPS_PROXY ") == true)
        #expect(problem?.description.contains("secret") == false)
    }

    @Test("Credentials are not printed")
    func credentials() throws {
        let rules = try ProxyRules(environment: ["HTTPS_PROXY": "http://kim:p%40ss@p:1"])
        let proxy = rules.proxy(for: try #require(HTTPAddress("https://a.example.com")))
        #expect(proxy?.description == "p:1 ($HTTPS_PROXY)")
    }
}
