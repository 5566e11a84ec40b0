// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// Lets the parts of a request leave together.
///
/// The client flushes after each: head and body went out by two system calls, and woke the receiver twice. Bodies of ours
/// are all there before they are sent, so the end follows at once.
final class WholeRequests: ChannelOutboundHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private var isWhole = true

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { isWhole = true } else { isWhole = false }
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        // Of a body that fills the channel, the client sends no more until some has gone.
        if isWhole || !context.channel.isWritable { context.flush() }
    }
}
