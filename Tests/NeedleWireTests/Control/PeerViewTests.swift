// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire
import Testing

@Suite struct PeerViewTests {
    @Test("survives being stored and read back")
    func stored() throws {
        let hostinfo = try Hostinfo.decode(text: WireSample.hostinfo)
        #expect(try Hostinfo.decode(hostinfo.json) == hostinfo)
        #expect(hostinfo.container == false && hostinfo.desktop == true)
        #expect(try Hostinfo.decode(text: "{}").container == nil)
    }

    @Test(
        "survives being stored even if all of a text has to be escaped",
        arguments: [#"\b"#, #"\u0001"#, #"\""#, "é"]
    )
    func storedEscapes(character: String) throws {
        let count = WireLimits.shortStringBytesMax / (character == "é" ? 2 : 1)
        let name = String(repeating: character, count: count)
        let hostinfo = try Hostinfo.decode(text: #"{"Hostname":"\#(name)"}"#)
        #expect(hostinfo.hostname.utf8.count == WireLimits.shortStringBytesMax)
        #expect(try Hostinfo.decode(hostinfo.json) == hostinfo)
        let error = #expect(throws: WireError.self) { try Hostinfo.decode(text: #"{"Hostname":"\#(name)\n"}"#) }
        #expect(error?.code == .limitExceeded)
    }

    @Test("peers get what they need and nothing else")
    func subset() throws {
        let view = try Hostinfo.decode(text: WireSample.hostinfo).peerView
        let expected = """
            {"OS":"linux","Hostname":"box","ShareeNode":true,\
            "Services":[{"Proto":"peerapi4","Port":41112,"Description":""}],"sshHostKeys":["ssh-ed25519 AAAA"],\
            "AppConnector":true,"PeerRelay":true,"Location":\(WireSample.location)}
            """
        #expect(view.jsonText == expected)
    }

    @Test("peers get the services of the PeerAPI alone")
    func services() {
        var hostinfo = Hostinfo()
        hostinfo.services = ["tcp", "peerapi4", "udp", "peerapi6", "peerapi-dns-proxy"].map {
            Service(proto: $0, port: 1, description: "")
        }
        #expect(hostinfo.peerView.services.map(\.proto) == ["peerapi4", "peerapi6", "peerapi-dns-proxy"])
    }

    @Test("no text of a peer needs an escape")
    func escapes() throws {
        var hostinfo = Hostinfo()
        hostinfo.os = "li\"nux"
        hostinfo.hostname = "my \"box\"\\\n"
        hostinfo.services = [Service(proto: "peerapi\"4", port: 1, description: "a\\b")]
        hostinfo.sshHostKeys = ["ssh \"x\""]
        #expect(!hostinfo.peerView.jsonText.contains("\\"))
        #expect(hostinfo.jsonText.contains("\\"))
        #expect(hostinfo.peerView.hostname == "my box")
    }

    @Test("names and profiles lose what would need an escape")
    func names() throws {
        var node = try WireSample.peer(1)
        node.name = "a\"b."
        var profile = UserProfile()
        profile.displayName = "Bob \"B\" \\"
        var login = Login()
        login.loginName = "b\"ob"
        var message = MapResponse()
        message.domain = "ex\"ample"
        message.node = node
        message.userProfiles = [profile]
        #expect(!message.jsonText.contains("\\"))
        #expect(!login.jsonText.contains("\\"))
    }
}
