// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// A request as an app sees it on the wire.
struct ReceivedRequest: Sendable {
    let path: String
    let headers: HTTPFields
    let body: [UInt8]

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    var text: String { String(decoding: body, as: UTF8.self) }
}

/// What a scripted app answers.
struct ScriptedAnswer: Sendable {
    var status = 200
    var type = "application/json"
    var headers: [String: String] = [:]
    var body = ""
    var neverAnswers = false

    static let ok = ScriptedAnswer()
    static func status(_ status: Int, headers: [String: String] = [:]) -> ScriptedAnswer {
        ScriptedAnswer(status: status, headers: headers)
    }
    static func json(_ value: JSONValue) -> ScriptedAnswer { ScriptedAnswer(body: value.text) }
    static func text(_ text: String) -> ScriptedAnswer { ScriptedAnswer(type: "text/plain", body: text) }
    static let hang = ScriptedAnswer(neverAnswers: true)
}

/// An app on a real socket that answers by script and keeps what it got.
final class FakeApp: HTTPResponder {
    struct Context: InitializableFromSource {
        init(source: ApplicationRequestContextSource) {}
    }

    private let script = Mutex<[ScriptedAnswer]>([])
    private let standard = Mutex(ScriptedAnswer.ok)
    private let kept = Mutex<[ReceivedRequest]>([])
    let incoming: AsyncStream<ReceivedRequest>
    private let continuation: AsyncStream<ReceivedRequest>.Continuation

    init() { (incoming, continuation) = AsyncStream.makeStream() }

    var received: [ReceivedRequest] { kept.withLock { $0 } }

    /// Answers the next requests so, then with the standard answer again.
    func answer(_ answers: ScriptedAnswer...) { script.withLock { $0 += answers } }

    func answerAlways(_ answer: ScriptedAnswer) { standard.withLock { $0 = answer } }

    func respond(to request: Request, context: Context) async throws -> Response {
        let buffer = try await request.body.collect(upTo: 1 << 20)
        let received = ReceivedRequest(
            path: request.head.path ?? "", headers: request.headers, body: Array(buffer: buffer)
        )
        kept.withLock { $0.append(received) }
        continuation.yield(received)
        let answer = script.withLock { $0.isEmpty ? nil : $0.removeFirst() } ?? standard.withLock { $0 }
        if answer.neverAnswers {
            try? await gracefulShutdown()
        }
        var headers: HTTPFields = [.contentType: answer.type]
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: .init(code: answer.status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: answer.body))
        )
    }
}
