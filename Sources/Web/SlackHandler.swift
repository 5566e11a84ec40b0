// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOHTTP1

/// The fast lane: takes what is posted to the `/slack/…` routes off its connection, before any task or router, and
/// answers it; everything else goes on to the router.
///
/// Its neighbour towards the network lets one request through at a time (`HTTPServerPipelineHandler`), so that there is
/// never more than one in here.
final class SlackHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request of ours.
    private final class Taken {
        let path: String
        let head: HTTPRequestHead
        let begun = NIODeadline.now()
        var body = ByteBuffer()

        init(_ head: HTTPRequestHead, path: String) {
            self.head = head
            self.path = path
        }
    }

    private enum State {
        /// The next part is a head, or belongs to a request of the router's.
        case passing
        case collecting(Taken)
        /// The lane has it.
        case answering(Taken)
        /// Answered before it was whole: what still comes of it is of no use.
        case ignoring
    }

    /// Bodies beyond this are looked at away from the event loop, which others wait for.
    private static let largestOnLoop = 64 << 10

    private let lane: AcknowledgementLane
    private let limit: Int
    private let dates: DateHeader
    private let observer: (any EdgeObserver)?
    private var state = State.passing
    /// The client sends nothing more, which the router must not learn while an answer of ours is on its way.
    private var isInputClosed = false

    init(lane: AcknowledgementLane, limits: EdgeLimits, dates: DateHeader, observer: (any EdgeObserver)?) {
        self.lane = lane
        limit = limits.body
        self.dates = dates
        self.observer = observer
    }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), _):
            guard head.method == .POST, let path = Self.path(of: head.uri) else {
                state = .passing
                context.fireChannelRead(data)
                return
            }
            begin(head, path, context)
        case (.body(let part), .collecting(let taken)):
            collect(part, taken, context)
        case (.end, .collecting(let taken)):
            state = .answering(taken)
            hand(taken, context)
        case (_, .passing):
            context.fireChannelRead(data)
        case (.end, .ignoring):
            state = .passing
        case (.body, _), (.end, _):
            break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard case .collecting(let taken) = state, error is HTTPParserError else {
            context.fireErrorCaught(error)
            return
        }
        // The body's framing is broken, or it ended too early: what follows on this connection means nothing.
        state = .ignoring
        answer(.badFraming, to: taken, context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            switch state {
            case .collecting, .answering:
                isInputClosed = true
                return
            case .passing, .ignoring:
                break
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // What is being recorded is recorded all the same; there is nobody left to answer.
        state = .ignoring
        context.fireChannelInactive()
    }

    /// The route that a request target names, if it is one of ours.
    private static func path(of target: String) -> String? {
        if SlackRequest.paths.contains(target) { return target }
        let path = Edge.path(of: target)
        return SlackRequest.paths.contains(path) ? path : nil
    }

    private func begin(_ head: HTTPRequestHead, _ path: String, _ context: ChannelHandlerContext) {
        let taken = Taken(head, path: path)
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }) {
            guard length <= limit else {
                state = .ignoring
                answer(.tooLarge(limit), to: taken, context)
                return
            }
            taken.body.reserveCapacity(length)
        }
        state = .collecting(taken)
    }

    private func collect(_ part: ByteBuffer, _ taken: Taken, _ context: ChannelHandlerContext) {
        guard taken.body.readableBytes + part.readableBytes <= limit else {
            state = .ignoring
            answer(.tooLarge(limit), to: taken, context)
            return
        }
        taken.body.writeImmutableBuffer(part)
    }

    // MARK: What goes out

    private func hand(_ taken: Taken, _ context: ChannelHandlerContext) {
        let request = SlackRequest(taken.head.headers, body: Array(buffer: taken.body))
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound((handler: self, context: context, taken: taken), eventLoop: eventLoop)
        let reply: @Sendable (EdgeAnswer) -> Void = { answer in
            if eventLoop.inEventLoop {
                bound.value.handler.deliver(answer, to: bound.value.taken, bound.value.context)
            } else {
                eventLoop.execute { bound.value.handler.deliver(answer, to: bound.value.taken, bound.value.context) }
            }
        }
        if request.body.count > Self.largestOnLoop {
            let lane = lane
            Task { lane.slack(request, reply: reply) }
        } else {
            lane.slack(request, reply: reply)
        }
    }

    private func deliver(_ answer: EdgeAnswer, to taken: Taken, _ context: ChannelHandlerContext) {
        // Else the connection is gone.
        guard case .answering = state else { return }
        state = .passing
        self.answer(answer, to: taken, context)
    }

    private func answer(_ answer: EdgeAnswer, to taken: Taken, _ context: ChannelHandlerContext) {
        observer?.acknowledged(
            route: taken.path, outcome: answer.outcome, duration: Duration(NIODeadline.now() - taken.begun))
        let isLast = !taken.head.isKeepAlive || isInputClosed || answer.headers[.connection] == "close"
        var headers = HTTPHeaders()
        headers.reserveCapacity(4)
        for field in answer.headers { headers.add(name: field.name.rawName, value: field.value) }
        headers.add(name: "Content-Length", value: "\(answer.body.count)")
        headers.add(name: "Date", value: dates.value)
        if isLast { headers.replaceOrAdd(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: answer.status.code, reasonPhrase: answer.status.reasonPhrase),
            headers: headers
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !answer.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
