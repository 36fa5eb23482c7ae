// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON
import NIOCore
import NeedleNoise
import NeedlePolicy
import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

@testable import NeedleTransport

/// The corpus reaches what it was made to reach; else mutating it would only ever knock at the door.
@Suite struct CorpusReachTests {
    private static func input(_ name: String, of parser: String) throws -> [UInt8] {
        let chosen = try #require(FuzzCorpusTests.parsers.first { $0.name == parser })
        return try #require(try Corpus(of: chosen).inputs.first { $0.name == name }).bytes
    }

    @Test("the valid handshake and its records are accepted")
    func noise() throws {
        let initiation = try Self.input("valid", of: "noise-initiation")
        let server = try #require(MachinePrivateKey(bytes: Array(65...96)))
        let version = try NoiseResponder(initiation: initiation, serverKey: server).version
        #expect(version == CapabilityVersion(138))
        var opener = try #require(NoiseFixture.connection).opener
        let record = try Self.input("one", of: "noise-records").dropFirst(ControlMessageSize.header)
        #expect(try opener.open(Array(record)).starts(with: "PRI * HTTP/2.0".utf8))
    }

    @Test("the valid messages are read")
    func messages() throws {
        #expect(try MapRequest.decode(try Self.input("golden-1", of: "map-request")).stream)
        #expect(try Hostinfo.decode(try Self.input("golden-1", of: "hostinfo")).hostname == "box")
        _ = try RegisterRequest.decode(try Self.input("golden-1", of: "register-request"))
        _ = try MapResponse.decode(try Self.input("peers-1", of: "map-response"))
        _ = try DERPAdmitClientRequest.decode(try Self.input("golden-1", of: "admit-client-request"))
    }

    @Test("the policies are accepted, but for the wrong one, and the tailnet is read")
    func policies() throws {
        let parser = try #require(FuzzCorpusTests.parsers.first { $0.name == "policy" })
        let written = try Corpus(of: parser).inputs.filter { !$0.name.allSatisfy(\.isHexDigit) && $0.name != "wrong" }
        for input in written {
            #expect(throws: Never.self, "\(input.name)") { try Policy(text: input.bytes, domain: "example.com") }
        }
        #expect(throws: PolicyError.self) { try Policy(text: try Self.input("wrong", of: "policy")) }
        let tailnet = try TailnetFile(text: try Self.input("small", of: "tailnet-file"))
        #expect(tailnet.names == ["laptop", "box"])
        #expect(try HuJSONDocument(try Self.input("comment", of: "hujson")).root.members != nil)
    }

    @Test("the requests are taken, also those of a client that indexes fields before it has heard us")
    func http2() throws {
        for (name, requests) in [("get", 1), ("post", 1), ("go-client", 2), ("trailers", 1), ("continuation", 1)] {
            var machine = HTTP2ServerMachine(limits: HTTP2ServerLimits())
            machine.receive(ByteBuffer(bytes: try Self.input(name, of: "http2-server")))
            var complete = 0
            while let event = try machine.next(now: .uptimeNanoseconds(1)) {
                switch event {
                case .request(_, _, true), .body(_, _, true): complete += 1
                case .request, .body, .reset, .goAway: break
                }
            }
            #expect(complete == requests, "\(name)")
        }
    }

    @Test("the valid datagrams and log-in are read")
    func datagrams() throws {
        #expect(STUNBindingRequest(datagram: try Self.input("tailscale", of: "stun-request")) != nil)
        #expect(STUNBindingResponse(datagram: try Self.input("ipv6", of: "stun-response")) != nil)
        var decoder = DERPDecoder<[UInt8]>(stage: .serverAwaitingClientInfo)
        decoder.append(try Self.input("go", of: "derp-login"))
        guard case .clientInfo(let key, let nonce, let sealed) = try DERPClientMessage(#require(try decoder.next()))
        else { throw ParserFault("the log-in is none") }
        let server = try #require(NodePrivateKey(bytes: Array(1...32)))
        let json = try Box.open(sealed, nonce: nonce, from: key, to: server)
        #expect(DERPClientInfo(json: json)?.canAckPings == true)
    }
}
