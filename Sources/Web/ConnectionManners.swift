// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// When a connection ends.
///
/// A head and a body must arrive by absolute deadlines: an idle time-out starts anew with every byte, so that a trickled
/// request would live for ever. After an answer that says `Connection: close` nothing more is written; what the client
/// still sends is taken in for a moment and dropped, because closing at once would reset the connection, perhaps before
/// the client has read the answer (RFC 9112 §9.6).
final class ConnectionManners: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let head: TimeAmount
    private let body: TimeAmount
    private let farewell: TimeAmount
    private let haste: TimeAmount
    private let largestBody: Int
    /// When the connection is closed, unless that changes; `nil` means never.
    private var due: NIODeadline?
    /// Rings now and then and looks at `due`: cheaper than a new alarm at every request.
    private var alarm: (time: NIODeadline, task: Scheduled<Void>)?
    private var isReadingRequest = false
    private var isAnswering = false
    /// The client wants no further answer.
    private var isLastRequest = false
    private var isLastAnswer = false
    /// The framing of the request that is being read is broken: nothing that follows means anything.
    private var isBroken = false
    private var isLeaving = false
    private var isStopping = false
    private var context: ChannelHandlerContext?

    init(_ limits: EdgeLimits) {
        head = TimeAmount(limits.headDeadline)
        body = TimeAmount(limits.bodyDeadline)
        farewell = TimeAmount(limits.farewell)
        haste = TimeAmount(limits.haste)
        largestBody = limits.body
    }

    func channelActive(context: ChannelHandlerContext) {
        close(after: head, context)
        context.fireChannelActive()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { close(after: head, context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isLeaving {
            if case .end = unwrapInboundIn(data) { context.close(promise: nil) }
            return
        }
        switch unwrapInboundIn(data) {
        case .head(let head):
            isReadingRequest = true
            isAnswering = true
            isLastRequest = !head.isKeepAlive
            close(after: body, context)
            invite(head, context)
        case .body:
            break
        case .end:
            isReadingRequest = false
            // While the answer is awaited there is no deadline: it takes as long as it takes.
            if isAnswering { due = nil } else { close(after: head, context) }
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, isReadingRequest else { return context.fireErrorCaught(error) }
        if isLeaving { return }
        if isAnswering {
            // Whoever reads the body hears of it. Whoever does without answers, and hears of it after that.
            isBroken = true
            context.fireErrorCaught(error)
        } else {
            // A second answer would be one to no request, on which NIO traps in a debug build.
            isLeaving = true
            leave(context)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isLeaving else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            // The router does not know the request's version, and with it what goes without saying.
            if isLastRequest || isBroken { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            isLastAnswer = !head.isKeepAlive
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .head:
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            isAnswering = false
            let isWhole = !isReadingRequest
            if isLastAnswer || isBroken {
                isLeaving = true
                context.writeAndFlush(data, promise: promise)
                if isWhole { context.close(promise: nil) } else { leave(context) }
                return
            }
            if isWhole { close(after: self.head, context) }
            context.write(data, promise: promise)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event, isLeaving || !(isReadingRequest || isAnswering) {
            // Nothing more will come, and nothing more is owed.
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        alarm?.task.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        alarm?.task.cancel()
        self.context = nil
    }

    // MARK: Requests of the fast lane, which do not come by here

    /// A request has begun to come.
    func laneBegins() { if let context { close(after: body, context) } }

    /// It is whole; the answer takes as long as it takes.
    func laneTakes() { due = nil }

    /// It is answered, and the next one may come.
    func laneAnswered() { if let context { close(after: head, context) } }

    /// It is answered, and was the last.
    func laneLeaves() {
        guard let context else { return }
        isLeaving = true
        leave(context)
    }

    // MARK: The end

    /// The server has been told to stop: whoever is in the middle of a request has little time for the rest of it, because
    /// until then nobody else is served, neither here nor by what comes after us.
    func serverStops() {
        isStopping = true
        if due != nil, let context { close(after: haste, context) }
    }

    /// Some clients do not send a larger body before they are told to (RFC 9110 §10.1.1).
    private func invite(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard head.version == .http1_1, head.headers.first(name: "expect")?.lowercased() == "100-continue" else {
            return
        }
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > largestBody { return }
        let invitation = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(invitation)), promise: nil)
    }

    private func leave(_ context: ChannelHandlerContext) {
        close(after: farewell, context)
        context.close(mode: .output, promise: nil)
    }

    private func close(after time: TimeAmount, _ context: ChannelHandlerContext) {
        let due = NIODeadline.now() + (isStopping ? min(time, haste) : time)
        self.due = due
        if let alarm, alarm.time <= due { return }
        alarm?.task.cancel()
        set(due, context)
    }

    private func set(_ time: NIODeadline, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let task = context.eventLoop.scheduleTask(deadline: time) { bound.value.handler.ring(bound.value.context) }
        alarm = (time, task)
    }

    private func ring(_ context: ChannelHandlerContext) {
        alarm = nil
        guard let due else { return }
        if due <= NIODeadline.now() { context.close(promise: nil) } else { set(due, context) }
    }
}
