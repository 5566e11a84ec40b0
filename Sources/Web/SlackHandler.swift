// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import Store

/// The fast lane: takes what Slack posts off its connection, as bytes, before any parser, task or router, and answers it.
///
/// It takes only what it can see to be whole, small and plain (``SlackRequestHead``). The first byte of anything else
/// opens the way to the router, for the rest of this connection: there, everything that HTTP allows is understood, and
/// the same deliveries get the same answers.
final class SlackHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// Between two requests, or in the middle of one that is not whole yet.
        case waiting
        /// The lane has a request.
        case answering
        /// Everything goes on to the router.
        case passing
        /// The last answer is written, or nobody is there any more: what still comes is of no use.
        case leaving
    }

    private let lane: AcknowledgementLane
    private let manners: ConnectionManners
    private let dates: DateHeader
    private let observer: (any EdgeObserver)?
    private let grace: TimeAmount

    private var state = State.waiting
    /// What came and is not taken yet; `nil` when there is nothing.
    private var received: ByteBuffer?
    /// Bytes of it without which it need not be looked at again.
    private var needed = 1
    private var isWorking = false
    /// The router asked for more while there was enough.
    private var owesRead = false
    /// The client sends nothing more.
    private var isInputClosed = false
    /// The server stops: no further request.
    private var isLast = false
    /// The request that the lane has.
    private var path = ""
    private var begun = NIODeadline.now()
    /// The answer to it, if the delivery becomes durable: a delivery has one answer for an outcome.
    private var prepared: (outcome: EdgeOutcome, isLast: Bool, bytes: ByteBuffer)?
    private var asker: ConnectionAsker?

    init(
        lane: AcknowledgementLane,
        manners: ConnectionManners,
        limits: EdgeLimits,
        dates: DateHeader,
        observer: (any EdgeObserver)?
    ) {
        self.lane = lane
        self.manners = manners
        self.dates = dates
        self.observer = observer
        grace = TimeAmount(limits.grace)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        asker = ConnectionAsker(self, context)
        // What is read goes no further than here: handlers behind need not be asked for it each time.
        setAutoRead(false, context)
        if context.channel.isActive { context.read() }
    }

    func handlerRemoved(context: ChannelHandlerContext) { asker = nil }

    // MARK: What comes in

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        if state != .passing { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .passing:
            context.fireChannelRead(data)
        case .leaving:
            break
        case .waiting, .answering:
            var part = unwrapInboundIn(data)
            if received == nil { received = part } else { received?.writeBuffer(&part) }
            work(context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if state == .passing { context.fireChannelReadComplete() } else { read(context: context) }
    }

    func read(context: ChannelHandlerContext) {
        // One piece may wait behind a request; more of them would be a way to fill our memory.
        if state == .answering, received != nil { owesRead = true } else { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            if state == .answering {
                isInputClosed = true
                return
            }
            // What is not whole will not be any more; the router knows what to say.
            if received != nil { pass(context) }
        case is ChannelShouldQuiesceEvent where state != .passing:
            isLast = true
            // Closed at once, it would be reset under a delivery that is in the socket already.
            context.eventLoop.assumeIsolated().scheduleTask(in: grace) { self.quiesce(context) }
            return
        default:
            break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // What is being recorded is recorded all the same; there is nobody left to answer.
        state = .leaving
        received = nil
        prepared = nil
        context.fireChannelInactive()
    }

    /// The server stops, and whoever was about to send has sent.
    private func quiesce(_ context: ChannelHandlerContext) {
        switch state {
        case .answering, .leaving:
            return
        case .waiting:
            if received != nil { pass(context) }
        case .passing:
            break
        }
        context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    /// Takes one request after the other, as long as they are answered on the spot.
    private func work(_ context: ChannelHandlerContext) {
        // An answer that comes while its request is being handed over leaves the next one to this loop.
        guard !isWorking else { return }
        isWorking = true
        defer { isWorking = false }
        while state == .waiting, let bytes = received, bytes.readableBytes >= needed {
            switch SlackRequestHead.read(bytes.readableBytesUInt8Span) {
            case .incomplete(let count):
                if needed == 1 { manners.laneBegins() }
                needed = count
            case .other:
                pass(context)
            case .whole(let head):
                take(head, context)
            }
        }
    }

    private func take(_ head: SlackRequestHead, _ context: ChannelHandlerContext) {
        received?.moveReaderIndex(forwardBy: head.length)
        guard let asker, let body = received?.readBytes(length: head.bodyLength) else { return }
        if received?.readableBytes == 0 { received = nil }
        needed = 1
        state = .answering
        manners.laneTakes()
        path = head.path
        begun = .now()
        lane.slack(
            SlackRequest(timestamps: head.timestamps, signatures: head.signatures, retry: head.retry, body: body),
            to: asker
        )
    }

    /// Leaves this connection to the router.
    private func pass(_ context: ChannelHandlerContext) {
        state = .passing
        setAutoRead(true, context)
        guard let bytes = received else { return }
        received = nil
        context.fireChannelRead(wrapInboundOut(bytes))
        context.fireChannelReadComplete()
    }

    /// Whether the channel asks every handler for more as soon as it has handed on what came.
    private func setAutoRead(_ isOn: Bool, _ context: ChannelHandlerContext) {
        do {
            try context.channel.syncOptions?.setOption(.autoRead, value: isOn)
        } catch {
            // The connection is gone.
            context.fireErrorCaught(error)
        }
    }

    // MARK: What goes out

    /// Writes the answer down while the disk works.
    fileprivate func prepare(_ answer: EdgeAnswer, _ context: ChannelHandlerContext) {
        guard state == .answering else { return }
        let isLast = isLast || isInputClosed
        prepared = (answer.outcome, isLast, bytes(of: answer, isLast: isLast, context))
    }

    fileprivate func answer(_ answer: EdgeAnswer, _ context: ChannelHandlerContext) {
        // Else the connection is gone.
        guard state == .answering else { return }
        observer?.acknowledged(route: path, outcome: answer.outcome, duration: Duration(.now() - begun))
        let isLast = isLast || isInputClosed
        let bytes: ByteBuffer
        if let prepared, prepared.outcome == answer.outcome, prepared.isLast == isLast {
            bytes = prepared.bytes
        } else {
            bytes = self.bytes(of: answer, isLast: isLast, context)
        }
        prepared = nil
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)

        if isLast {
            state = .leaving
            received = nil
            if isInputClosed { context.close(promise: nil) } else { manners.laneLeaves() }
        } else {
            state = .waiting
            manners.laneAnswered()
            work(context)
        }
        if owesRead, state != .answering || received == nil {
            owesRead = false
            context.read()
        }
    }

    private func bytes(of answer: EdgeAnswer, isLast: Bool, _ context: ChannelHandlerContext) -> ByteBuffer {
        var bytes = context.channel.allocator.buffer(capacity: 256 + answer.body.count)
        bytes.writeString(
            answer.status == .ok ? Self.ok : "HTTP/1.1 \(answer.status.code) \(answer.status.reasonPhrase)")
        for field in answer.headers {
            bytes.writeStaticString("\r\n")
            bytes.writeString(field.name.rawName)
            bytes.writeStaticString(": ")
            bytes.writeString(field.value)
        }
        bytes.writeStaticString("\r\nContent-Length: ")
        bytes.writeString(String(answer.body.count))
        bytes.writeStaticString("\r\nDate: ")
        bytes.writeString(dates.value)
        bytes.writeStaticString(isLast ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n")
        bytes.writeBytes(answer.body)
        return bytes
    }

    private static let ok = "HTTP/1.1 200 OK"
}

/// Whoever waits at a connection: told on its event loop.
private final class ConnectionAsker: Asker {
    let messenger: Messenger?
    private let eventLoop: any EventLoop
    private let connection: NIOLoopBound<(handler: SlackHandler, context: ChannelHandlerContext)>

    init(_ handler: SlackHandler, _ context: ChannelHandlerContext) {
        let eventLoop = context.eventLoop
        self.eventLoop = eventLoop
        messenger = Messenger(to: eventLoop) { eventLoop.execute($0) }
        connection = NIOLoopBound((handler: handler, context: context), eventLoop: eventLoop)
    }

    func prepare(_ answer: EdgeAnswer) { connection.value.handler.prepare(answer, connection.value.context) }

    func hear(_ answer: EdgeAnswer) {
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.hear(answer) } }
        connection.value.handler.answer(answer, connection.value.context)
    }
}
