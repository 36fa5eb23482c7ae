// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire
import Testing

@Suite struct LimitTests {
    /// A list in a map request, one element of it, and how many there may be.
    struct ListLimit: CustomTestStringConvertible {
        let path: String
        let element: String
        let max: Int

        var testDescription: String { path }

        /// A request with `count` elements.
        func request(_ count: Int) -> String {
            let elements = (0..<count).map { element.replacing("#", with: String($0)) }.joined(separator: ",")
            let isObject = path.hasSuffix("DERPLatency")
            return path.split(separator: ".").reversed().reduce(isObject ? "{\(elements)}" : "[\(elements)]") {
                #"{"\#($1)":\#($0)}"#
            }
        }
    }

    static let lists = [
        ListLimit(path: "Endpoints", element: #""1.2.3.4:5""#, max: WireLimits.endpointsMax),
        ListLimit(path: "EndpointTypes", element: "1", max: WireLimits.endpointsMax),
        ListLimit(path: "DebugFlags", element: #""f""#, max: WireLimits.debugFlagsMax),
        ListLimit(path: "Hostinfo.RoutableIPs", element: #""10.0.0.0/8""#, max: WireLimits.routesMax),
        ListLimit(path: "Hostinfo.RequestTags", element: #""tag:a""#, max: WireLimits.tagsMax),
        ListLimit(path: "Hostinfo.WoLMACs", element: #""m""#, max: WireLimits.wolMACsMax),
        ListLimit(path: "Hostinfo.Services", element: #"{"Proto":"tcp"}"#, max: WireLimits.servicesMax),
        ListLimit(path: "Hostinfo.sshHostKeys", element: #""k""#, max: WireLimits.sshHostKeysMax),
        ListLimit(path: "Hostinfo.NetInfo.DERPLatency", element: ##""#-v4":0.5"##, max: WireLimits.latenciesMax),
    ]

    @Test("takes as many elements as allowed, and no more", arguments: lists)
    func listLengths(limit: ListLimit) throws {
        #expect(throws: Never.self) { try MapRequest.decode(text: limit.request(limit.max)) }
        let error = #expect(throws: WireError.self) { try MapRequest.decode(text: limit.request(limit.max + 1)) }
        #expect(error?.code == .limitExceeded)
        #expect(error?.path.hasPrefix(limit.path) == true)
    }

    @Test(
        "takes short texts up to their limit",
        arguments: ["Hostname", "OS", "IPNVersion", "BackendLogID", "App", "Env"]
    )
    func shortTexts(field: String) throws {
        func request(_ count: Int) -> String { #"{"\#(field)":"\#(String(repeating: "x", count: count))"}"# }
        #expect(throws: Never.self) { try Hostinfo.decode(text: request(WireLimits.shortStringBytesMax)) }
        let error = #expect(throws: WireError.self) {
            try Hostinfo.decode(text: request(WireLimits.shortStringBytesMax + 1))
        }
        #expect(error?.code == .limitExceeded && error?.path == field)
    }

    @Test(
        "takes each text of a list up to its limit",
        arguments: [
            ("RequestTags", WireLimits.shortStringBytesMax), ("WoLMACs", WireLimits.shortStringBytesMax),
            ("sshHostKeys", WireLimits.sshHostKeyBytesMax),
        ]
    )
    func textsOfLists(field: String, max: Int) throws {
        func request(_ count: Int) -> String { #"{"\#(field)":["a","\#(String(repeating: "x", count: count))"]}"# }
        #expect(throws: Never.self) { try Hostinfo.decode(text: request(max)) }
        let error = #expect(throws: WireError.self) { try Hostinfo.decode(text: request(max + 1)) }
        #expect(error?.code == .limitExceeded && error?.path == "\(field)[1]")
    }

    @Test("takes other texts and keys up to theirs")
    func texts() throws {
        let long = String(repeating: "x", count: WireLimits.stringBytesMax)
        #expect(try RegisterRequest.decode(text: #"{"Followup":"\#(long)"}"#).followup == long)
        for text in [#"{"Followup":"\#(long)x"}"#, #"{"Hostinfo":{"NetInfo":{"DERPLatency":{"\#(long)x":1}}}}"#] {
            let error = #expect(throws: WireError.self) { try RegisterRequest.decode(text: text) }
            #expect(error?.code == .limitExceeded)
        }
    }

    @Test("takes opaque bytes up to their limit")
    func blobs() throws {
        func request(_ count: Int) -> RegisterRequest {
            var request = RegisterRequest()
            request.nodeKeySignature = Array(repeating: 7, count: count)
            return request
        }
        let largest = request(WireLimits.blobBytesMax)
        #expect(try RegisterRequest.decode(largest.json) == largest)
        let error = #expect(throws: WireError.self) {
            try RegisterRequest.decode(request(WireLimits.blobBytesMax + 1).json)
        }
        #expect(error?.code == .limitExceeded)
    }

    @Test("takes device attributes and recording attempts up to their limits")
    func smallRequests() throws {
        func attributes(_ count: Int) -> String {
            #"{"Update":{\#((0..<count).map { #""a\#($0)":1"# }.joined(separator: ","))}}"#
        }
        func attempts(_ count: Int) -> String {
            #"{"RecordingAttempts":[\#(Array(repeating: "{}", count: count).joined(separator: ","))]}"#
        }
        #expect(throws: Never.self) {
            _ = try SetDeviceAttributesRequest.decode(text: attributes(WireLimits.attributesMax))
            _ = try SSHEventNotifyRequest.decode(text: attempts(WireLimits.recordingAttemptsMax))
        }
        #expect(throws: WireError.self) {
            try SetDeviceAttributesRequest.decode(text: attributes(WireLimits.attributesMax + 1))
        }
        #expect(throws: WireError.self) {
            try SSHEventNotifyRequest.decode(text: attempts(WireLimits.recordingAttemptsMax + 1))
        }
    }
}
