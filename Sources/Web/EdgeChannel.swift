// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL

/// One connection: TLS and the fast lane where there are such, and HTTP/1.1 with its limits and Hummingbird's own handling
/// for everything else.
struct EdgeChannel: HTTPChannelHandler {
    typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    let responder: HTTPChannelHandler.Responder
    let limits: EdgeLimits
    var certificate: ServedCertificate?
    let stop: StopSign
    var makeSlackHandler: (@Sendable (ConnectionManners) -> SlackHandler)?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let certificate { try pipeline.addHandler(NIOSSLServerHandler(context: certificate.context)) }
            let manners = ConnectionManners(limits)
            try pipeline.addHandler(StopGate(stop, manners))
            if let makeSlackHandler { try pipeline.addHandler(makeSlackHandler(manners)) }
            var decoding = NIOHTTPDecoderLimitConfiguration()
            decoding.maxHeaderFieldSize = limits.headerBytes
            decoding.maxHeaderListSize = limits.headerBytes
            decoding.maxHeaderFieldCount = limits.headerCount
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: true,
                withErrorHandling: false,
                // No header that we send holds anything foreign.
                withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(),
                withDecoderLimitConfiguration: decoding
            )
            try pipeline.addHandler(manners)
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true)
            )
        }
    }

    func handle(value: Value, logger: Logger) async {
        await handleHTTP(asyncChannel: value, logger: logger)
    }
}

extension HTTPServerBuilder {
    /// A server for those who are on this machine: with the limits and the manners of the public port.
    /// - Parameter stop: To be raised when the server is told to stop.
    package static func local(_ limits: EdgeLimits = EdgeLimits(), stop: StopSign) -> HTTPServerBuilder {
        HTTPServerBuilder { EdgeChannel(responder: $0, limits: limits, stop: stop) }
    }
}
