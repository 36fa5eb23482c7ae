// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension HTTP2ServerLimits {
    /// Those of a listener.
    init(_ limits: TransportLimits) {
        self.init(
            streamsMax: limits.streamsMax,
            windowBytes: limits.windowBytes,
            frameBytesMax: max(limits.frameBytesMax, HTTP2ServerMachine.initialFrameBytes),
            headerBytesMax: limits.innerHeaderBytesMax,
            continuationsMax: limits.continuationsMax,
            resetsMax: limits.resetsMax,
            controlFramesMax: limits.controlFramesMax,
            controlFramesHeldMax: limits.controlFramesHeldMax,
            streamHighWaterBytes: limits.streamHighWaterBytes,
            streamLowWaterBytes: limits.streamLowWaterBytes
        )
    }
}
