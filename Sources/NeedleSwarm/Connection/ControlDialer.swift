// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import NeedleTypes

/// Makes the TCP or TLS connections of simulated clients.
enum ControlDialer {
    /// The most that is read at once; every idle connection keeps a buffer of what its last reads needed.
    static let readBytesMax = 16_384

    /// Connects, with `connection` at the end of the pipeline.
    ///
    /// - Parameters:
    ///   - connection: bound to `loop`; it is told nothing if the connection cannot be made.
    ///   - target: where to.
    ///   - source: the address to connect from, or any.
    ///   - tls: needed if the target is secure.
    ///   - loop: where everything happens.
    ///   - timeLimit: for the TCP connection alone.
    /// - Returns: the channel, once it is connected.
    static func connect(
        _ connection: NIOLoopBound<ControlConnection>,
        to target: ControlTarget,
        from source: SocketAddress?,
        tls: NIOSSLContext?,
        on loop: any EventLoop,
        timeLimit: TimeAmount
    ) -> EventLoopFuture<any Channel> {
        var bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(timeLimit)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 2048, maximum: readBytesMax)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if target.isSecure, let tls {
                        let name = target.address == nil ? target.host : nil
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: name)
                        )
                    }
                    try channel.pipeline.syncOperations.addHandler(connection.value)
                }
            }
        if let source { bootstrap = bootstrap.bind(to: source) }
        return bootstrap.connect(host: target.host, port: target.port)
    }

    /// A context that looks at no certificate, since Noise proves who the server is.
    static func tls() throws(ClientError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .tls("\(error)")
        }
    }
}
