// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleTypes
import NeedleWire
import Synchronization

/// Answers the datagrams of one socket.
final class STUNHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let count: (WritableKeyPath<STUNCounters, UInt64>) -> Void

    /// `count` is told which counter goes up.
    init(count: @escaping (WritableKeyPath<STUNCounters, UInt64>) -> Void) {
        self.count = count
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let source = Self.endpoint(of: envelope.remoteAddress),
            let request = STUNBindingRequest(datagram: Array(envelope.data.readableBytesView))
        else { return count(\.ignored) }
        // Nothing is kept for later: a client asks again, and an answer that waited would measure the wait.
        guard context.channel.isWritable else { return count(\.dropped) }
        let response = STUNBindingResponse(transaction: request.transaction, source: source)
        let answer = AddressedEnvelope(
            remoteAddress: envelope.remoteAddress,
            data: ByteBuffer(bytes: response.datagram)
        )
        context.write(wrapOutboundOut(answer), promise: nil)
        count(response.source.address.family == .v4 ? \.answeredV4 : \.answeredV6)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client's "port unreachable" comes back as an error of our socket, which serves everybody else as before.
    }

    static func endpoint(of address: SocketAddress) -> Endpoint? {
        guard let port = address.port.flatMap(UInt16.init(exactly:)) else { return nil }
        let bytes: [UInt8]
        switch address {
        // By offset, since the members of `sockaddr_in` and `sockaddr_in6` are in a module that NIO keeps to itself:
        // family and port, then the address; with IPv6 the flow label comes between.
        case .v4(let v4): bytes = withUnsafeBytes(of: v4.address) { Array($0.dropFirst(4).prefix(4)) }
        case .v6(let v6): bytes = withUnsafeBytes(of: v6.address) { Array($0.dropFirst(8).prefix(16)) }
        case .unixDomainSocket: return nil
        }
        return IPAddress(bytes: bytes).map { Endpoint(address: $0, port: port) }
    }
}
