// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTPTypes

/// Gives whoever is in the middle of sending a request little time for the rest of it when the server is told to stop:
/// Hummingbird waits for it without end.
final class Haste: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let patience: TimeAmount
    private var isReadingRequest = false

    init(patience: TimeAmount = .seconds(3)) {
        self.patience = patience
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: isReadingRequest = true
        case .body: break
        case .end: isReadingRequest = false
        }
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: patience) {
                let (handler, context) = bound.value
                if handler.isReadingRequest { context.close(promise: nil) }
            }
        }
        context.fireUserInboundEventTriggered(event)
    }
}
