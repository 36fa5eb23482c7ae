// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHTTP1
import NeedleTypes

/// The HTTP/1.1 server side of a connection.
enum HTTPPipeline {
    /// Adds it to the end of the pipeline.
    static func add(
        to channel: any Channel,
        shared: FrontDoorContext,
        remote: IPAddress?,
        isSecure: Bool
    ) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = shared.limits.headerBytesMax
        limits.maxHeaderListSize = shared.limits.headerBytesMax
        limits.maxHeaderFieldCount = shared.limits.headerFieldsMax
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits)
        try channel.pipeline.syncOperations.addHandlers([
            HTTPResponseEncoder(),
            ByteToMessageHandler(decoder),
            HTTPServerPipelineHandler(),
            FrontDoorHandler(shared: shared, origin: ConnectionOrigin(remote: remote, isSecure: isSecure)),
        ])
    }
}
