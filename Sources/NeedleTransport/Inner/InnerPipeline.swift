// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHTTP2

/// The HTTP/2 server side inside a Noise connection.
enum InnerPipeline {
    /// Adds HTTP/2 to the end of the pipeline; its SETTINGS leave at once.
    static func add(
        to channel: any Channel,
        shared: FrontDoorContext,
        router: any InnerRouter,
        peer: InnerPeer,
        ticket: ConnectionLedger.HalfOpenTicket?
    ) throws {
        let connection = InnerConnectionHandler(shared: shared, router: router, peer: peer, ticket: ticket)
        let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        let http2 = NIOHTTP2Handler(
            mode: .server,
            eventLoop: channel.eventLoop,
            connectionConfiguration: connectionConfiguration(shared.limits),
            streamConfiguration: streamConfiguration(shared.limits)
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                let handler = InnerStreamHandler(connection: bound.value)
                try stream.pipeline.syncOperations.addHandler(handler)
            }
        }
        try channel.pipeline.syncOperations.addHandlers([http2, connection])
    }

    private static func connectionConfiguration(_ limits: TransportLimits) -> NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.streamsMax),
            HTTP2Setting(parameter: .initialWindowSize, value: limits.windowBytes),
            HTTP2Setting(parameter: .maxFrameSize, value: limits.frameBytesMax),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.innerHeaderBytesMax),
        ]
        configuration.targetWindowSize = limits.windowBytes
        configuration.maximumBufferedControlFrames = limits.controlFramesHeldMax
        configuration.maximumSequentialContinuationFrames = limits.continuationsMax
        configuration.controlFrameRateLimit.maximumCount = limits.controlFramesMax
        return configuration
    }

    private static func streamConfiguration(_ limits: TransportLimits) -> NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.targetWindowSize = limits.windowBytes
        configuration.outboundBufferSizeHighWatermark = limits.streamHighWaterBytes
        configuration.outboundBufferSizeLowWatermark = limits.streamLowWaterBytes
        configuration.streamResetFrameRateLimit.maximumCount = limits.resetsMax
        configuration.streamErrorRateLimit.maximumCount = limits.resetsMax
        return configuration
    }
}
