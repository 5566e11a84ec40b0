// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL

/// A connection that sends whatever bytes a test wants, which no HTTP client would.
struct RawConnection: Sendable {
    private let channel: any Channel
    private let received: AsyncStream<String>

    /// - Parameter certificate: The one certificate that is trusted, for TLS.
    static func open(port: Int, trusting certificate: String? = nil) async throws -> RawConnection {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let certificate {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)))
            configuration.certificateVerification = .noHostnameVerification
        }
        let tls = certificate == nil ? nil : try NIOSSLContext(configuration: configuration)
        let (received, emit) = AsyncStream.makeStream(of: String.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            // Over TLS the library would not take the answer to its own farewell for one, and wait five seconds.
            .channelOption(.allowRemoteHalfClosure, value: tls == nil)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: nil))
                    }
                    try channel.pipeline.syncOperations.addHandler(Receiver(emit))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawConnection(channel: channel, received: received)
    }

    /// Sends a piece; a connection that the other side has closed swallows it.
    func send(_ text: String) async {
        try? await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// Everything that comes until the other side closes.
    func untilClosed() async -> String {
        var text = ""
        for await piece in received { text += piece }
        return text
    }

    /// What comes until it holds a text, or until the other side closes.
    func until(_ text: String) async -> String {
        var all = ""
        for await piece in received {
            all += piece
            if all.contains(text) { break }
        }
        return all
    }

    /// Sends a piece over and over with pauses until the other side closes, and tells how long that took.
    func trickle(_ piece: String, every pause: Duration) async -> Duration {
        let clock = ContinuousClock()
        let start = clock.now
        let isOpen = Task {
            while !Task.isCancelled, channel.isActive {
                await send(piece)
                try? await clock.sleep(for: pause)
            }
        }
        _ = await untilClosed()
        isOpen.cancel()
        return clock.now - start
    }

    /// Sends nothing more, and goes on reading.
    func closeOutput() async { try? await channel.close(mode: .output).get() }

    func close() async { try? await channel.close().get() }

    private final class Receiver: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let emit: AsyncStream<String>.Continuation

        init(_ emit: AsyncStream<String>.Continuation) { self.emit = emit }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            emit.yield(String(buffer: unwrapInboundIn(data)))
        }
        func channelInactive(context: ChannelHandlerContext) { emit.finish() }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
        }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
