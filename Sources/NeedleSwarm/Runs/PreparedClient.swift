// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleNoise
internal import NeedleTypes
internal import NeedleWire

/// All that a client of a run needs, made before the clock starts.
struct PreparedClient: Sendable {
    let opening: ControlOpening
    let source: SocketAddress?
    let registration: ByteBuffer
    let mapRequest: ByteBuffer
    let expectedPeers: Int

    /// Makes the keys and the requests of a run's member.
    init(
        _ member: SwarmConfiguration.Member,
        index: Int,
        _ configuration: SwarmConfiguration,
        using random: inout some RandomNumberGenerator
    ) throws(ClientError) {
        let keys: ClientKeys
        do throws(NoiseError) {
            keys = try ClientKeys(using: &random)
        } catch {
            throw .noise(error)
        }
        var options = ClientOptions(hostname: member.hostname, authKey: member.authKey)
        options.version = configuration.version
        options.compresses = configuration.compresses
        opening = ControlOpening(
            target: configuration.target,
            machine: keys.machine,
            version: configuration.version,
            serverKey: nil,
            ephemeral: [],
            windows: configuration.windows
        )
        source = SourceAddresses.source(ofClient: index, of: configuration.target)
        registration = ByteBuffer(bytes: options.registerRequest(keys).json)
        var request = options.mapRequest(keys)
        request.stream = true
        request.keepAlive = true
        request.hostinfo = options.hostinfo
        request.endpoints = [Endpoint(address: IPAddress(family: .v4, bits: 0x0a00_0000 + UInt128(index)), port: 41641)]
        request.endpointTypes = [1]
        mapRequest = ByteBuffer(bytes: request.json)
        expectedPeers = member.expectedPeers
    }
}
