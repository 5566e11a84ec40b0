// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import JSON
import NIOCore

/// A request as the simulator's rooms see it: the body read, the path still encoded.
struct EdgeRequest: Sendable {
    let method: HTTPRequest.Method
    /// The path's segments, each percent-decoded on its own: a `%2F` stays within its segment.
    let segments: [String]
    /// Without the `?`, still encoded.
    let query: String
    let headers: HTTPFields
    let body: [UInt8]

    init(method: HTTPRequest.Method, target: String, headers: HTTPFields, body: [UInt8]) {
        self.method = method
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        segments = (halves.first ?? "").split(separator: "/").map { segment in
            FormCoding.decodeComponent(Array(segment.utf8), plusIsSpace: false)
        }
        query = halves.count > 1 ? String(halves[1]) : ""
        self.headers = headers
        self.body = body
    }

    /// Whether the body says it is JSON.
    var isJSON: Bool {
        (headers[.contentType] ?? "").lowercased().prefix(while: { $0 != ";" }) == "application/json"
    }
}

/// An answer before it becomes Hummingbird's.
struct EdgeResponse: Sendable {
    /// What follows the head.
    enum Body: Sendable {
        case bytes([UInt8])
        /// Server-sent events, one for each version of the workspace.
        case feed
        /// The connection is reset instead of an answer.
        case reset
    }

    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: Body

    init(_ status: HTTPResponse.Status = .ok, type: String, _ bytes: [UInt8]) {
        self.status = status
        headers = [.contentType: type]
        body = .bytes(bytes)
    }

    static func json(_ value: JSONValue, _ status: HTTPResponse.Status = .ok) -> EdgeResponse {
        EdgeResponse(status, type: "application/json; charset=utf-8", value.bytes())
    }

    static func text(_ text: String, _ status: HTTPResponse.Status = .ok) -> EdgeResponse {
        EdgeResponse(status, type: "text/plain; charset=utf-8", Array(text.utf8))
    }

    /// Whether the connection is reset instead of an answer.
    var isReset: Bool {
        if case .reset = body { true } else { false }
    }

    /// The body as text; empty where it is none.
    var text: String {
        if case .bytes(let bytes) = body { String(decoding: bytes, as: UTF8.self) } else { "" }
    }

    static var empty: EdgeResponse {
        var response = EdgeResponse(.noContent, type: "text/plain", [])
        response.headers = [:]
        return response
    }

    static var reset: EdgeResponse {
        var response = EdgeResponse(.ok, type: "text/plain", [])
        response.body = .reset
        return response
    }
}
