// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Compression
import Foundation
import Testing

struct DecompressorTests {
    /// `hello hello hello hello\n`, packed by Python's zlib and brotli.
    static let plain = Array("hello hello hello hello\n".utf8)
    static let packed: [(String, [ContentCoding], String)] = [
        ("gzip", [.gzip], "H4sIAAAAAAACA8tIzcnJV8hAJ7kAAIhZCxgAAAA="),
        ("zlib", [.deflate], "eJzLSM3JyVfIQCe5AHC+CLs="),
        ("raw deflate", [.deflate], "y0jNyclXyEAnuQA="),
        ("brotli", [.brotli], "GxcA+I2Ubt5EVYbWCiBsb0oReeKArhY="),
    ]

    private func bytes(_ base64: String) throws -> [UInt8] { Array(try #require(Data(base64Encoded: base64))) }

    private func unpack(
        _ bytes: [UInt8], _ codings: [ContentCoding], limit: Int = 1 << 20
    ) throws(DecompressionError) -> [UInt8] {
        try Decompressor.decompress(bytes, codings, limits: DecompressionLimits(bytes: limit))
    }

    @Test(arguments: packed)
    func `unpacks what others pack`(name: String, codings: [ContentCoding], base64: String) throws {
        #expect(try unpack(try bytes(base64), codings) == Self.plain)
    }

    @Test(arguments: packed)
    func `what is cut off is corrupt`(name: String, codings: [ContentCoding], base64: String) throws {
        let whole = try bytes(base64)
        for end in 0..<(whole.count - (name == "gzip" ? 8 : name == "zlib" ? 4 : 0)) {
            #expect(throws: DecompressionError.corrupt, "\(end) bytes") { try unpack(Array(whole[..<end]), codings) }
        }
    }

    @Test(arguments: ContentCoding.allCases)
    func `survives any bytes`(coding: ContentCoding) {
        var generator = SystemRandomNumberGenerator()
        for length in 0..<200 {
            let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = try? unpack(noise, [coding], limit: 4096)
        }
    }

    @Test func `members of a gzip file are one content`() throws {
        let one = try bytes(Self.packed[0].2)
        #expect(try unpack(one + one, [.gzip]) == Self.plain + Self.plain)
    }

    @Test func `stops at the limit of bytes`() throws {
        let one = try bytes(Self.packed[0].2)
        #expect(throws: DecompressionError.tooLarge) { try unpack(one, [.gzip], limit: Self.plain.count - 1) }
        #expect(try unpack(one, [.gzip], limit: Self.plain.count) == Self.plain)
    }

    @Test func `stops at the ratio`() throws {
        // 8 MiB of zeros in a few bytes.
        let bomb = try bytes("y///P/gnAOKxQCD3/m8=")
        #expect(throws: DecompressionError.tooLarge) { try unpack(bomb, [.brotli], limit: 16 << 20) }
        let trusting = DecompressionLimits(bytes: 16 << 20, ratio: .max)
        #expect(try Decompressor.decompress(bomb, [.brotli], limits: trusting).count == 8 << 20)
    }

    @Test(
        arguments: [
            (["gzip"], [ContentCoding.gzip]), (["X-GZIP"], [.gzip]), (["deflate, br"], [.deflate, .brotli]),
            (["identity"], []), ([], []), (["gzip", "identity"], [.gzip]), ([" br "], [.brotli]),
        ] as [([String], [ContentCoding])])
    func `reads the header`(fields: [String], codings: [ContentCoding]) throws {
        #expect(try ContentCoding.read(fields) == codings)
    }

    @Test(arguments: [["zstd"], ["gzip, gzip, gzip"], ["gzip", "br", "deflate"], ["gzip;q=1"]])
    func `refuses what it does not know, and too much of it`(fields: [String]) {
        #expect(throws: DecompressionError.unsupported) { try ContentCoding.read(fields) }
    }
}
