// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

/// How a simulated client behaves.
package struct ClientOptions: Sendable {
    /// What it says about itself; the host name is in it.
    package var hostinfo: Hostinfo
    /// What it brings to be let in, unless a call says otherwise.
    package var authKey = ""
    /// What it claims to understand.
    package var version = CapabilityVersion.current
    /// Whether it asks for zstd.
    package var compresses = true
    /// Whether its node is to be deleted when it goes.
    package var isEphemeral = false
    /// The server's key, if it need not be fetched.
    package var serverKey: MachineKey?
    /// How much a server may send ahead.
    package var windows = HTTP2Windows.usual
    /// What it takes from map streams.
    package var mapStreams = MapStreamSettings()
    /// How long anything may take that has no limit of its own.
    package var timeLimit = Duration.seconds(20)
    /// How long connecting and the handshake may take; nil for ``timeLimit``.
    package var connectTimeLimit: Duration?
    /// Changes the handshake's first message on its way, for tests of refusals.
    package var alterInitiation: (@Sendable ([UInt8]) -> [UInt8])?

    /// A Linux client of this name.
    package init(hostname: String, authKey: String = "") {
        hostinfo = Hostinfo()
        hostinfo.hostname = hostname
        hostinfo.os = "linux"
        hostinfo.ipnVersion = "1.98.9-swarm"
        hostinfo.machine = "x86_64"
        self.authKey = authKey
    }

    /// A request for a map stream, with everything else left as it is absent.
    func mapRequest(_ keys: ClientKeys) -> MapRequest {
        var request = MapRequest()
        request.version = version
        request.compress = compresses ? "zstd" : ""
        request.nodeKey = keys.nodeKey
        request.discoKey = keys.discoKey
        return request
    }

    /// A registration of the keys' node.
    func registerRequest(_ keys: ClientKeys) -> RegisterRequest {
        var request = RegisterRequest()
        request.version = version
        request.nodeKey = keys.nodeKey
        request.hostinfo = hostinfo
        request.ephemeral = isEphemeral
        if !authKey.isEmpty { request.auth = RegisterRequestAuth(authKey: authKey) }
        return request
    }
}
