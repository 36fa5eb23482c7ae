// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire
import Testing

@Suite struct DERPInfoTests {
    @Test("reads what Go clients write")
    func go() throws {
        let text = #"{"meshKey":"00","version":2,"CanAckPings":true,"IsProber":true,"AppName":"x"}"#
        let info = try #require(DERPClientInfo(json: Array(text.utf8)))
        #expect(info == DERPClientInfo(version: 2, canAckPings: true, isProber: true))
    }

    @Test("reads what the Rust client writes, whose snake case means nothing")
    func rust() throws {
        let text = #"{"can_ack_pings":true,"is_prober":true,"mesh_key":"none","version":2}"#
        #expect(DERPClientInfo(json: Array(text.utf8)) == DERPClientInfo(version: 2))
    }

    @Test("values of the wrong type are as good as left out")
    func lenient() throws {
        let text = #"{"version":"two","CanAckPings":1,"IsProber":null,"meshKey":[]}"#
        #expect(DERPClientInfo(json: Array(text.utf8)) == DERPClientInfo(version: nil))
        #expect(DERPClientInfo(json: Array("{}".utf8)) == DERPClientInfo(version: nil))
    }

    @Test("what is no JSON object is refused", arguments: ["", "{", "[]", "2", "null", "\u{0}", "{\"version\":2"])
    func refuses(_ text: String) {
        #expect(DERPClientInfo(json: Array(text.utf8)) == nil)
        #expect(DERPServerInfo(json: Array(text.utf8)) == nil)
    }

    @Test("deep nesting is refused, not followed to the end of the stack")
    func nesting() {
        let text = #"{"a":"# + String(repeating: "[", count: 200_000)
        #expect(DERPClientInfo(json: Array(text.utf8)) == nil)
    }

    @Test("the answer says version 2, and both sides read their own JSON")
    func json() {
        #expect(String(decoding: DERPServerInfo().json, as: UTF8.self) == #"{"version":2}"#)
        #expect(DERPServerInfo(json: DERPServerInfo().json) == DERPServerInfo(version: 2))
        #expect(DERPServerInfo(json: Array("{}".utf8)) == nil)
        let info = DERPClientInfo(canAckPings: true, isProber: true)
        #expect(DERPClientInfo(json: info.json) == info)
    }
}
