// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Signing
import Testing

struct LibcryptoTests {
    @Test(
        "Bytes are equal when all of them are",
        arguments: [
            ([], [], true), ([0], [0], true), ([0], [], false), ([], [0], false), ([1, 2], [1, 2], true),
            ([1, 2], [2, 2], false), ([1, 2], [1, 3], false), ([1, 2], [1, 2, 0], false), ([0, 0], [0], false),
        ] as [([UInt8], [UInt8], Bool)]
    )
    func constantTime(left: [UInt8], right: [UInt8], isEqual: Bool) {
        #expect(ConstantTime.equal(left, right) == isEqual)
    }

    @Test(
        "Gives the digests of FIPS 180-4's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ]
    )
    func digests(text: String, digest: String) throws {
        #expect(try Hex.encode(SHA256.digest(Array(text.utf8))) == digest)
    }

    @Test("Random bytes are as many as asked for, and never the same twice")
    func random() throws {
        #expect(try RandomBytes.generate(0).isEmpty)
        let samples = try (0..<100).map { _ in try RandomBytes.generate(16) }
        #expect(samples.allSatisfy { $0.count == 16 })
        #expect(Set(samples).count == 100)
    }

    @Test("The loaded libcrypto names its version")
    func version() {
        #expect(openSSLVersion.hasPrefix("OpenSSL 3"))
    }
}
