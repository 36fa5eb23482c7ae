// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleNoise
internal import NeedleTypes
internal import NeedleWire

/// All that a client of a run needs, made before the clock starts.
struct PreparedClient: Sendable {
    let member: Int
    let rank: Int?
    let opening: ControlOpening
    let source: SocketAddress?
    let registration: ByteBuffer
    let mapRequest: ByteBuffer
    let goal: SwarmGoal
    private let hostname: String
    private let osname: String
    private let nodeKey: NodeKey
    private let discoKey: DiscoKey

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
        self.member = index
        rank = member.rank
        hostname = member.hostname
        osname = member.osname
        nodeKey = keys.nodeKey
        discoKey = keys.discoKey
        var options = ClientOptions(hostname: member.hostname, authKey: member.authKey)
        options.hostinfo.os = member.osname
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
        request.endpoints = [Self.endpoint(index, change: 0)]
        request.endpointTypes = [1]
        mapRequest = ByteBuffer(bytes: request.json)
        goal = SwarmGoal(expectedPeers: member.expectedPeers)
    }

    /// Tells the server of other endpoints, or of another home relay, without touching the map stream.
    func update(_ change: Int, version: CapabilityVersion) -> ByteBuffer {
        var options = ClientOptions(hostname: hostname)
        options.hostinfo.os = osname
        // Real clients send both; servers find out what differs.
        var network = NetInfo()
        network.preferredDERP = 999
        options.hostinfo.netInfo = network
        var request = MapRequest()
        request.version = version
        request.nodeKey = nodeKey
        request.discoKey = discoKey
        request.omitPeers = true
        request.hostinfo = options.hostinfo
        request.endpoints = [Self.endpoint(member, change: change)]
        request.endpointTypes = [1]
        return ByteBuffer(bytes: request.json)
    }

    private static func endpoint(_ index: Int, change: Int) -> Endpoint {
        let port = UInt16(truncatingIfNeeded: 41_641 + change % 20_000)
        return Endpoint(address: IPAddress(family: .v4, bits: 0x0a00_0000 + UInt128(index)), port: port)
    }
}
