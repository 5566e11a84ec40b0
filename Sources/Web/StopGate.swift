// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// Whether a server has been told to stop.
package final class StopSign: Sendable {
    private let state = Atomic<Bool>(false)

    package init() {}

    var isUp: Bool { state.load(ordering: .sequentiallyConsistent) }
    package func raise() { state.store(true, ordering: .sequentiallyConsistent) }
}

/// Tells a connection that the server has been told to stop, and closes one that becomes active after that.
///
/// Hummingbird lets go of what it had just accepted then, and NIO traps on a connection that becomes active after that, for
/// nobody could end its writer (`NIOAsyncChannelHandler.channelActive`). Stands before that handler.
final class StopGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let stop: StopSign
    private let manners: ConnectionManners

    init(_ stop: StopSign, _ manners: ConnectionManners) {
        self.stop = stop
        self.manners = manners
    }

    func channelActive(context: ChannelHandlerContext) {
        if stop.isUp { context.close(promise: nil) } else { context.fireChannelActive() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { manners.serverStops() }
        context.fireUserInboundEventTriggered(event)
    }
}
