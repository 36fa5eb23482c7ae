// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
package import NeedleTypes
package import NeedleWire

extension SimulatedClient {
    /// Opens a map stream.
    ///
    /// - Throws: ``ClientError/refused(status:text:)`` if the server does not want to.
    package func startMap() async throws -> SimulatedMapStream {
        try await openStream(streamRequest())
    }

    /// The request that ``startMap()`` makes, for a test to change.
    package func streamRequest() -> MapRequest {
        let options = self.options
        var request = options.mapRequest(keys)
        request.stream = true
        request.keepAlive = true
        request.hostinfo = options.hostinfo
        return request
    }

    /// Tells the server what changed about the node, without touching its map stream.
    package func liteUpdate(endpoints: [Endpoint] = [], hostinfo: Hostinfo? = nil) async throws {
        if let hostinfo { options.hostinfo = hostinfo }
        let options = self.options
        var request = options.mapRequest(keys)
        request.omitPeers = true
        request.hostinfo = options.hostinfo
        request.endpoints = endpoints
        request.endpointTypes = endpoints.map { _ in 1 }
        _ = try await post(request.json, to: "/machine/map")
    }

    /// Asks for one whole map, which changes nothing on the server.
    package func oneShotMap() async throws -> ClientMap {
        var request = options.mapRequest(keys)
        request.readOnly = true
        return try await oneShotMap(request)
    }

    /// Asks for one whole map with any request.
    package func oneShotMap(_ request: MapRequest) async throws -> ClientMap {
        let response = try await post(request.json, to: "/machine/map")
        let settings = options.mapStreams
        var frames = MapFrameDecoder(payloadMax: settings.payloadMax)
        frames.append(response.body)
        do {
            guard let payload = try frames.next(), frames.bufferedCount == 0 else {
                throw WireError(.malformed, message: "the answer is not one framed message")
            }
            var json = payload
            if request.wantsZstandard {
                let text = try ZstdDecoder().message(ByteBuffer(bytes: payload), limit: settings.textMax)
                json = Array(buffer: text)
            }
            var map = ClientMap()
            try map.apply(try MapResponse.decode(json))
            return map
        } catch let error as WireError {
            throw ClientError.malformed(error)
        } catch let violation as ClientMap.Violation {
            throw ClientError.violation(violation)
        }
    }
}
