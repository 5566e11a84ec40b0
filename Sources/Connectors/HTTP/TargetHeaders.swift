// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Signing

/// The headers that every request to a target carries.
enum TargetHeaders {
    /// The media type and our credentials, with the configured headers over them, as they were written.
    static func of(
        mediaType: String,
        accept: String,
        authentication: RESTTargetConfiguration.Authentication,
        given: [(name: String, value: String)]
    ) throws(TargetError) -> [(name: String, value: String)] {
        var headers = [(name: "Content-Type", value: mediaType), (name: "Accept", value: accept)]
        switch authentication {
        case .none: break
        case .bearer(let token): headers.append(("Authorization", "Bearer \(token.revealed)"))
        case .basic(let user, let password):
            guard !user.contains(":") else {
                throw TargetError(.misconfigured, "a user name of basic authentication has no colon")
            }
            headers.append(("Authorization", "Basic " + base64(Array("\(user):\(password.revealed)".utf8))))
        }
        let names = Set(given.map { $0.name.lowercased() })
        headers.removeAll { names.contains($0.name.lowercased()) }
        headers += given
        for header in headers { try check(header.name, header.value) }
        return headers
    }

    private static let framing: Set<String> = [
        "connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    private static func check(_ name: String, _ value: String) throws(TargetError) {
        let isToken = !name.isEmpty && name.utf8.allSatisfy { byte in tokenBytes.contains(byte) }
        guard isToken else { throw TargetError(.misconfigured, "a header's name is no HTTP token") }
        guard !framing.contains(name.lowercased()) else {
            throw TargetError(.misconfigured, "the header \(name) is the connection's own")
        }
        let isClean = value.utf8.allSatisfy { $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }
        guard isClean else {
            throw TargetError(
                .misconfigured, "the value of header \(name) has a line break or another control character")
        }
    }

    private static let tokenBytes = Set(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8
    )

    private static let base64Digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// RFC 4648 §4.
    private static func base64(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        var place = 0
        while place < bytes.count {
            let group = bytes[place..<min(place + 3, bytes.count)]
            var bits = UInt32(0)
            for byte in group { bits = bits << 8 | UInt32(byte) }
            bits <<= UInt32(8 * (3 - group.count))
            for digit in 0..<4 {
                let isPadding = digit > group.count
                output.append(isPadding ? UInt8(ascii: "=") : base64Digits[Int(bits >> UInt32(18 - 6 * digit)) & 63])
            }
            place += 3
        }
        return String(decoding: output, as: UTF8.self)
    }
}
