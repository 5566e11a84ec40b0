// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Connectors

struct HTTPAddressTests {
    @Test(
        "Reads web addresses",
        arguments: [
            ("https://dev.example.com/api?x=1", "dev.example.com", 443),
            ("HTTP://Dev.Example.COM", "dev.example.com", 80),
            ("http://127.0.0.1:3100/api/", "127.0.0.1", 3100), ("http://[::1]:3100/", "::1", 3100),
            ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443),
        ]
    )
    func reads(text: String, host: String, port: Int) {
        let address = HTTPAddress(text)
        #expect(address?.host == host)
        #expect(address?.port == port)
    }

    @Test(
        "Is told with its port where that is not the scheme's own",
        arguments: [
            ("https://dev.example.com/api", "dev.example.com"), ("https://dev.example.com:443/", "dev.example.com"),
            ("http://127.0.0.1:3100/", "127.0.0.1:3100"), ("http://dev.example.com:443/", "dev.example.com:443"),
            ("http://[::1]:3100/", "[::1]:3100"), ("http://[::1]/", "[::1]"),
        ]
    )
    func name(text: String, name: String) {
        #expect(HTTPAddress(text)?.name == name)
    }

    @Test(
        "Refuses everything that could be read in two ways",
        arguments: [
            "", "dev.example.com", "//dev.example.com", "ftp://dev.example.com", "file:///etc/passwd", "https://",
            "https://user@dev.example.com/", "https://user:pw@dev.example.com/",
            "https://hooks.slack.com\\@evil.example/",
            "https://dev.example.com/a b", "https://dev.example.com/\n", "https://%73lack.com/", "https://슬랙.example/",
            "https://dev.example.com:0/", "https://dev.example.com:99999/", "https://@dev.example.com/",
        ]
    )
    func refuses(text: String) {
        #expect(HTTPAddress(text) == nil)
    }

    @Test("A list names hosts, with a port where it wants to")
    func lists() throws {
        let address = try #require(HTTPAddress("https://dev.example.com:8443/"))
        #expect(address.isListed(in: ["dev.example.com"]))
        #expect(address.isListed(in: ["dev.example.com:8443"]))
        #expect(!address.isListed(in: ["dev.example.com:443"]))
        #expect(!address.isListed(in: ["example.com"]))
        #expect(!address.isListed(in: []))
    }
}
