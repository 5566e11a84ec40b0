// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// One try: sends a request, reads the whole answer, and knows how far it came when it fails.
///
/// All of it happens on one event loop and with the client's delegates, for its async calls start several tasks for each
/// request, and wake as many threads: that took longer than the request itself.
final class OutboundExchange: HTTPClientResponseDelegate {
    typealias Response = OutboundAnswer

    /// The try's own time is up.
    struct TimeIsUp: Error {}

    private struct State {
        var isSent = false
        var head: HTTPResponseHead?
        var body = ByteBuffer()
        var task: HTTPClient.Task<OutboundAnswer>?
        /// Why it is to end before it has ended by itself.
        var stop: (any Error)?
    }

    /// How long the answer to what was sent is still waited for when the task is cancelled.
    private static let courtesy = Duration.seconds(3)

    private let host: String
    private let answerBytes: Int
    private let state = Mutex(State())

    /// - Parameter host: For errors.
    init(host: String, answerBytes: Int) {
        self.host = host
        self.answerBytes = answerBytes
    }

    /// Whether the connection has begun to take the body: until then nothing can have happened.
    var isSent: Bool { state.withLock(\.isSent) }

    /// Of an answer that has begun.
    var status: Int? { state.withLock { $0.head.map { Int($0.status.code) } } }

    /// A body that notes when the connection begins to take it.
    func noted(_ bytes: ByteBuffer) -> HTTPClient.Body {
        .stream(contentLength: Int64(bytes.readableBytes)) { [self] writer in
            state.withLock { $0.isSent = true }
            return writer.write(.byteBuffer(bytes))
        }
    }

    /// Sends the request, once, and waits for the end of its answer.
    /// - Parameters:
    ///   - timeout: From now to the last byte of the answer.
    ///   - timeUp: Returns when the time is up, in the place of the clock.
    /// - Throws: ``TimeIsUp``, ``OutboundError`` `redirected`, `NIOTooManyBytesError`, `CancellationError`, or what the
    ///   client throws.
    func run(
        _ request: HTTPClient.Request,
        by client: HTTPClient,
        timeout: Duration,
        timeUp: (@Sendable (Duration) async throws -> Void)?
    ) async throws -> OutboundAnswer {
        let loop = client.eventLoopGroup.any()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if loop.inEventLoop {
                    begin(request, client, loop, timeout, timeUp, continuation)
                } else {
                    loop.execute { self.begin(request, client, loop, timeout, timeUp, continuation) }
                }
            }
        } onCancel: {
            // What is on its way is done or not, whether anybody waits or not: better to learn which.
            let isOnItsWay = state.withLock(\.isSent)
            if isOnItsWay {
                loop.scheduleTask(in: TimeAmount(Self.courtesy)) { self.end(with: CancellationError()) }
            } else {
                end(with: CancellationError())
            }
        }
    }

    private func begin(
        _ request: HTTPClient.Request,
        _ client: HTTPClient,
        _ loop: any EventLoop,
        _ timeout: Duration,
        _ timeUp: (@Sendable (Duration) async throws -> Void)?,
        _ continuation: CheckedContinuation<OutboundAnswer, any Error>
    ) {
        if let stop = state.withLock(\.stop) { return continuation.resume(throwing: stop) }
        let task = client.execute(request: request, delegate: self, eventLoop: .delegate(on: loop))
        let stop = state.withLock { state in
            state.task = task
            return state.stop
        }
        // It came just now.
        if let stop { task.fail(reason: stop) }
        let endTimer = startTimer(timeout, on: loop, timeUp)
        task.futureResult.whenComplete { result in
            endTimer()
            self.state.withLock { $0.task = nil }
            continuation.resume(with: result)
        }
    }

    private func startTimer(
        _ timeout: Duration,
        on loop: any EventLoop,
        _ timeUp: (@Sendable (Duration) async throws -> Void)?
    ) -> @Sendable () -> Void {
        if let timeUp {
            let timer = Task {
                try await timeUp(timeout)
                end(with: TimeIsUp())
            }
            return { timer.cancel() }
        }
        let timer = loop.scheduleTask(in: TimeAmount(timeout)) { self.end(with: TimeIsUp()) }
        return { timer.cancel() }
    }

    /// The first reason counts.
    private func end(with reason: any Error) {
        let task = state.withLock { state -> HTTPClient.Task<OutboundAnswer>? in
            guard state.stop == nil else { return nil }
            state.stop = reason
            return state.task
        }
        task?.fail(reason: reason)
    }

    // MARK: The answer

    func didReceiveHead(task: HTTPClient.Task<OutboundAnswer>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        state.withLock { $0.head = head }
        let status = Int(head.status.code)
        if (300..<400).contains(status) {
            let detail = "\(host) answered with a redirect (\(status))"
            return task.eventLoop.makeFailedFuture(
                OutboundError(.redirected, detail, status: status, mayHaveHappened: true))
        }
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        return announced > answerBytes ? tooLong(task) : task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<OutboundAnswer>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let count = state.withLock { state in
            if state.body.readableBytes == 0 {
                state.body = buffer
            } else {
                state.body.writeImmutableBuffer(buffer)
            }
            return state.body.readableBytes
        }
        return count > answerBytes ? tooLong(task) : task.eventLoop.makeSucceededVoidFuture()
    }

    private func tooLong(_ task: HTTPClient.Task<OutboundAnswer>) -> EventLoopFuture<Void> {
        task.eventLoop.makeFailedFuture(NIOTooManyBytesError(maxBytes: answerBytes))
    }

    func didFinishRequest(task: HTTPClient.Task<OutboundAnswer>) throws -> OutboundAnswer {
        try state.withLock { state in
            guard let head = state.head else { throw HTTPClientError.remoteConnectionClosed }
            return OutboundAnswer(
                status: Int(head.status.code),
                headers: head.headers.map { ($0.name, $0.value) },
                body: Array(buffer: state.body)
            )
        }
    }
}
