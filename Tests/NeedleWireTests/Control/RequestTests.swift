// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire
import Testing

@Suite struct RequestTests {
    @Test("reads the Rust client's map request, whose keys differ in case")
    func rustMapRequest() throws {
        let request = try MapRequest.decode(
            text: """
                {"Version":130,"KeepAlive":true,"NodeKey":"\(WireSample.nodeKey)","DiscoKey":"\(WireSample.discoKey)",
                "Stream":true,"HostInfo":{"IpnVersion":"0.6.1","App":"tailscale-rs (ts_python)","Hostname":"a","Os":"linux",
                "OsVersion":"1","FrontendLogId":"f","BackendLogId":"b","RoutableIps":["10.0.0.0/8"],"WolMacs":["m"],
                "SshHostKeys":["k"],"ExitNodeId":"e","Tpm":{"model":3},"NetInfo":{"MappingVariesByDestIp":true,
                "WorkingIpv6":false,"OsHasIpv6":true,"WorkingUdp":true,"WorkingIcmpv4":false,"Upnp":true,"Pmp":false,"Pcp":true,
                "PreferredDerp":900,"DerpLatency":{"900-v4":0.5}}}}
                """
        )
        #expect(request.version == CapabilityVersion(130))
        #expect(request.stream && !request.wantsZstandard)
        let hostinfo = try #require(request.hostinfo)
        #expect(hostinfo.ipnVersion == "0.6.1" && hostinfo.os == "linux" && hostinfo.osVersion == "1")
        #expect(hostinfo.frontendLogID == "f" && hostinfo.backendLogID == "b" && hostinfo.exitNodeID == "e")
        #expect(hostinfo.routableIPs == (try [IPPrefix].read(["10.0.0.0/8"])))
        #expect(hostinfo.wolMACs == ["m"] && hostinfo.sshHostKeys == ["k"] && hostinfo.tpm?.model == 3)
        let network = try #require(hostinfo.netInfo)
        #expect(network.mappingVariesByDestIP == true && network.workingIPv6 == false && network.osHasIPv6 == true)
        #expect(network.workingUDP == true && network.workingICMPv4 == false)
        #expect(network.upnp == true && network.pmp == false && network.pcp == true)
        #expect(network.preferredDERP == 900 && network.derpLatency == ["900-v4": 0.5])
    }

    @Test("reads the Rust client's registration, which leaves most fields out")
    func rustRegistration() throws {
        let request = try RegisterRequest.decode(
            text: """
                {"Version":130,"NodeKey":"\(WireSample.nodeKey)","NLKey":"nlpub:\(WireSample.digits)",
                "Auth":{"AuthKey":"key"},"Hostinfo":{"IpnVersion":"0.6.1","Hostname":"a"}}
                """
        )
        #expect(request.auth?.authKey == "key" && request.hostinfo?.hostname == "a")
        #expect(request.oldNodeKey.isZero && request.expiry.isZero && request.followup.isEmpty && !request.ephemeral)
    }

    @Test("reads a Go client's registration, with zero keys, zero time and nulls")
    func goRegistration() throws {
        let request = try RegisterRequest.decode(
            text: #"""
                {"Version":138,"NodeKey":"\#(WireSample.nodeKey)","OldNodeKey":"nodekey:\#(WireSample.zeros)",
                "NLKey":"nlpub:\#(WireSample.zeros)","Auth":null,"Expiry":"0001-01-01T00:00:00Z","Followup":"",
                "Hostinfo":{"Hostname":"\u003ca\u0026b\u003e","Services":null,"NetInfo":null},"NodeKeySignature":null,
                "SignatureType":"signature-v2","Timestamp":"2026-11-21T07:30:00.123456789+02:00","DeviceCert":"AQ=="}
                """#
        )
        #expect(request.oldNodeKey.isZero && request.nlKey.isZero && request.expiry.isZero)
        #expect(request.auth == nil && request.nodeKeySignature == nil)
        #expect(request.hostinfo?.hostname == "<a&b>" && request.hostinfo?.netInfo == nil)
    }

    @Test("a time keeps its nanoseconds and loses its offset")
    func times() throws {
        let request = try RegisterRequest.decode(text: #"{"Expiry":"2026-11-21T07:30:00.123456789+02:00"}"#)
        #expect(request.expiry.description == "2026-11-21T05:30:00.123456789Z")
    }

    @Test("drops endpoints that have a zone or are empty, with their types")
    func endpoints() throws {
        let text = #"{"Endpoints":["1.2.3.4:5","[fe80::1%eth0]:6","","[2001:db8::1]:7"],"EndpointTypes":[2,1,0,4]}"#
        let request = try MapRequest.decode(text: text)
        #expect(request.endpoints.map(\.description) == ["1.2.3.4:5", "[2001:db8::1]:7"])
        #expect(request.endpointTypes == [2, 4])
        let unequal = try MapRequest.decode(text: #"{"EndpointTypes":[2],"Endpoints":["1.2.3.4:5","1.2.3.4:6"]}"#)
        #expect(unequal.endpoints.count == 2 && unequal.endpointTypes.isEmpty)
        let error = #expect(throws: WireError.self) { try MapRequest.decode(text: #"{"Endpoints":["1.2.3.4"]}"#) }
        #expect(error == WireError(.invalidValue, path: "Endpoints[0]", message: "expected address:port"))
    }

    @Test(
        "refuses keys of another role, addresses and times that are none",
        arguments: [
            #"{"NodeKey":"\#(WireSample.machineKey)"}"#, #"{"NodeKey":""}"#, #"{"NodeKey":"nodekey:00"}"#,
            #"{"NodeKey":"\#(WireSample.nodeKey)0"}"#, #"{"NodeKey":"nodekey:\#(String(repeating: "g", count: 64))"}"#,
            #"{"Hostinfo":{"RoutableIPs":["10.0.0.0"]}}"#, #"{"Hostinfo":{"RoutableIPs":["x/8"]}}"#,
            #"{"Expiry":"now"}"#,
        ]
    )
    func badValues(text: String) {
        let error = #expect(throws: WireError.self) { try RegisterRequest.decode(text: text) }
        #expect(error?.code == .invalidValue)
    }

    @Test("a device attribute is a scalar")
    func attributes() {
        for value in ["[]", "{}", "[1]"] {
            let error = #expect(throws: WireError.self) {
                try SetDeviceAttributesRequest.decode(text: #"{"Update":{"custom:a":\#(value)}}"#)
            }
            #expect(error?.path == "Update.custom:a" && error?.code == .wrongType)
        }
    }

    @Test("what a simulated client writes is what a server reads")
    func roundTrip() throws {
        var request = MapRequest()
        request.version = .current
        request.hostinfo = try Hostinfo.decode(text: WireSample.hostinfo)
        request.endpoints = [Endpoint(address: IPAddress(family: .v4, bits: 1), port: 9)]
        request.endpointTypes = [1]
        #expect(try MapRequest.decode(request.json) == request)
    }
}
