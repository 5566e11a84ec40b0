// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// An answer of the edge, before it becomes Hummingbird's.
struct EdgeAnswer: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: [UInt8]
    /// What became of the request, for ``EdgeObserver``.
    var outcome: EdgeOutcome

    init(status: HTTPResponse.Status, headers: HTTPFields, body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
        outcome =
            switch status.code {
            case 200..<300: .answered
            case 400, 422: .unreadable
            case 401, 403: .unauthorized
            case 413: .tooLarge
            case 503: .notRecorded
            default: .failed
            }
    }

    /// The same answer to a request of which that became.
    func with(_ outcome: EdgeOutcome) -> EdgeAnswer {
        var answer = self
        answer.outcome = outcome
        return answer
    }

    static let empty = EdgeAnswer(status: .ok, headers: [:], body: [])

    static func text(_ text: String) -> EdgeAnswer {
        EdgeAnswer(status: .ok, headers: plain, body: Array(text.utf8))
    }

    static func json(_ status: HTTPResponse.Status, _ value: JSONValue) -> EdgeAnswer {
        json(status, value.bytes())
    }

    static func json(_ status: HTTPResponse.Status, _ bytes: [UInt8]) -> EdgeAnswer {
        EdgeAnswer(status: status, headers: json, body: bytes)
    }

    private static let plain: HTTPFields = [.contentType: "text/plain; charset=utf-8"]
    private static let json: HTTPFields = [.contentType: "application/json; charset=utf-8"]

    /// RFC 9457.
    ///
    /// Never holds a body, a signature or a secret of the request.
    /// - Parameter code: Stable, for scripts and for the troubleshooting chapter.
    static func problem(
        _ status: HTTPResponse.Status,
        code: String,
        _ detail: String,
        errors: [JSONValue] = []
    ) -> EdgeAnswer {
        var problem: JSONObject = [
            "type": "about:blank", "title": .string(status.reasonPhrase), "status": JSONValue(status.code),
            "detail": .string(detail), "code": .string(code),
        ]
        if !errors.isEmpty { problem["errors"] = .array(errors) }
        return EdgeAnswer(
            status: status,
            headers: [.contentType: "application/problem+json"],
            body: JSONValue.object(problem).bytes()
        )
    }

    static func tooLarge(_ limit: Int) -> EdgeAnswer {
        var answer = problem(.contentTooLarge, code: "web.too_large", "the body is larger than \(limit) bytes")
        // What is left of the body will not be read.
        answer.headers[.connection] = "close"
        return answer
    }

    static var badFraming: EdgeAnswer {
        var answer = problem(.badRequest, code: "web.bad_request", "the body does not come as its headers say")
        // Where the next request would begin is not known.
        answer.headers[.connection] = "close"
        return answer
    }

    /// Whoever stands before us may go by the other one (RFC 9112 §3.2).
    static var twoHosts: EdgeAnswer {
        var answer = problem(.badRequest, code: "web.bad_request", "the request names more than one host")
        answer.headers[.connection] = "close"
        return answer
    }

    static var unauthorized: EdgeAnswer {
        var answer = problem(
            .unauthorized, code: "errors.unknown_key", "send a source's key as Authorization: Bearer KEY")
        answer.headers[.wwwAuthenticate] = "Bearer"
        return answer
    }

    /// The store takes nothing right now: worth another try.
    static var notStored: EdgeAnswer {
        var answer = problem(.serviceUnavailable, code: "store.unavailable", "it could not be stored; please try again")
        answer.headers[.retryAfter] = "5"
        return answer
    }

    /// The answer to a request of that method: to HEAD all but the body, whose length is told (RFC 9110 §8.6).
    func response(to method: HTTPRequest.Method) -> Response {
        guard method == .head else {
            return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
        }
        return Response(
            status: status,
            headers: headers,
            body: ResponseBody(contentLength: body.count) { writer in try await writer.finish(nil) }
        )
    }
}
