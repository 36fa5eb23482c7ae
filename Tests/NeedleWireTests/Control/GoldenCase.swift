// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire
import Testing

/// One type of message with its text: all fields in the order in which they are written, and none.
struct GoldenCase: CustomTestStringConvertible {
    let name: String
    /// Every field that is known.
    let full: String
    /// What is written when `{}` was read: the fields that clients cannot do without.
    let empty: String
    let rewrite: @Sendable (String) throws -> String

    init<Message: JSONCoded & Sendable>(_: Message.Type, full: String, empty: String = "{}") {
        name = String(describing: Message.self)
        self.full = full
        self.empty = empty
        rewrite = { try Message.decode(text: $0).jsonText }
    }

    var testDescription: String { name }

    static var all: [GoldenCase] { filter + ssh + hostinfo + node + registration + map + dns + derp + requests }
}

extension GoldenCase {
    static let zeroTime = "0001-01-01T00:00:00Z"

    static let filter = [
        GoldenCase(PortRange.self, full: #"{"First":1,"Last":65535}"#, empty: #"{"First":0,"Last":0}"#),
        GoldenCase(
            NetPortRange.self,
            full: #"{"IP":"10.0.0.0/8","Ports":{"First":22,"Last":22}}"#,
            empty: #"{"IP":"","Ports":{"First":0,"Last":0}}"#
        ),
        GoldenCase(
            CapGrant.self,
            full: #"{"Dsts":["100.64.0.1/32"],"CapMap":{"a/cap":[{"x": [1.0, null]},"y",null],"b":[]}}"#,
            empty: #"{"Dsts":[],"CapMap":{}}"#
        ),
        GoldenCase(
            FilterRule.self,
            full: #"""
                {"SrcIPs":["*","100.64.0.1-100.64.0.9","cap:x"],"DstPorts":[{"IP":"*","Ports":{"First":0,"Last":65535}}],\
                "IPProto":[6,17],"CapGrant":[{"Dsts":["fd7a::1/128"],"CapMap":{"c":[]}}]}
                """#.replacing("\\\n", with: ""),
            empty: #"{"SrcIPs":[]}"#
        ),
    ]

    static let ssh = [
        GoldenCase(SSHPolicy.self, full: #"{"rules":[{"principals":[]}]}"#, empty: #"{"rules":[]}"#),
        GoldenCase(SSHPrincipal.self, full: #"{"node":"n1","nodeIP":"100.64.0.1","userLogin":"a@b.c","any":true}"#),
        GoldenCase(
            SSHRule.self,
            full: """
                {"ruleExpires":"2026-11-21T06:00:00Z","principals":[{"any":true}],"sshUsers":{"*":"=","root":""},\
                "action":{"accept":true},"acceptEnv":["LANG","LC_*"]}
                """,
            empty: #"{"principals":[]}"#
        ),
        GoldenCase(
            SSHAction.self,
            full: """
                {"message":"hi","reject":true,"accept":true,"sessionDuration":43200000000000,\
                "allowAgentForwarding":true,"holdAndDelegate":"https://unused/machine/ssh/action/$SRC_NODE_ID",\
                "allowLocalPortForwarding":true,"allowRemotePortForwarding":true,"recorders":["100.64.0.9:80"],\
                "onRecordingFailure":{"RejectSessionWithMessage":"r","TerminateSessionWithMessage":"t",\
                "NotifyURL":"https://unused/n"}}
                """
        ),
    ]

    static let hostinfo = [
        GoldenCase(Hostinfo.self, full: WireSample.hostinfo),
        GoldenCase(NetInfo.self, full: WireSample.netInfo),
        GoldenCase(Location.self, full: WireSample.location),
        GoldenCase(
            Service.self,
            full: #"{"Proto":"tcp","Port":65535,"Description":"sshd"}"#,
            empty: #"{"Proto":"","Port":0,"Description":""}"#
        ),
    ]

    static let node = [
        GoldenCase(
            Node.self,
            full: """
                {"ID":7,"StableID":"7","Name":"a.b.","User":3,"Sharer":4,"Key":"\(WireSample.nodeKey)",\
                "KeyExpiry":"2027-01-01T00:00:00Z","KeySignature":"AQID","Machine":"\(WireSample.machineKey)",\
                "DiscoKey":"\(WireSample.discoKey)","Addresses":["100.64.0.7/32","fd7a:115c:a1e0::7/128"],\
                "AllowedIPs":["100.64.0.7/32","fd7a:115c:a1e0::7/128","0.0.0.0/0","::/0"],\
                "Endpoints":["1.2.3.4:5","[2001:db8::1]:41641"],"DERP":"127.3.3.40:1","HomeDERP":1,\
                "Hostinfo":{"OS":"linux"},"Created":"2026-01-01T00:00:00.5Z","Cap":138,"Tags":["tag:x"],\
                "PrimaryRoutes":["10.0.0.0/8"],"LastSeen":"2026-11-21T06:00:00Z","Online":true,\
                "MachineAuthorized":true,"CapMap":{"funnel":[],"x":[true]},"UnsignedPeerAPIOnly":true,\
                "DataPlaneAuditLogID":"d","Expired":true,"SelfNodeV4MasqAddrForThisPeer":"100.64.1.1",\
                "SelfNodeV6MasqAddrForThisPeer":"fd7a::1","IsWireGuardOnly":true,"IsJailed":true,\
                "ExitNodeDNSResolvers":[{"Addr":"1.1.1.1"}]}
                """,
            empty: """
                {"ID":0,"StableID":"","Name":"","User":0,"Key":"nodekey:\(WireSample.zeros)","Addresses":[],\
                "AllowedIPs":[],"Endpoints":[],"Online":false}
                """
        ),
        GoldenCase(
            PeerChange.self,
            full: """
                {"NodeID":7,"DERPRegion":2,"Cap":138,"CapMap":{},"Endpoints":["1.2.3.4:5"],\
                "Key":"\(WireSample.nodeKey)","KeySignature":"AQ==","DiscoKey":"\(WireSample.discoKey)","Online":false,\
                "LastSeen":"2026-11-21T06:00:00Z","KeyExpiry":"0001-01-01T00:00:00Z"}
                """,
            empty: #"{"NodeID":0}"#
        ),
        GoldenCase(
            UserProfile.self,
            full: #"{"ID":1,"LoginName":"a@b.c","DisplayName":"Ä","ProfilePicURL":"https://x/y","Groups":["group:a"]}"#,
            empty: #"{"ID":0,"LoginName":"","DisplayName":""}"#
        ),
    ]

    static let registration = [
        GoldenCase(
            RegisterResponse.self,
            full: """
                {"User":{"ID":1,"DisplayName":"A","ProfilePicURL":"https://p/","Created":"2026-01-01T00:00:00Z"},\
                "Login":{"ID":1,"Provider":"oidc","LoginName":"a@b.c","DisplayName":"A","ProfilePicURL":"https://p/"},\
                "NodeKeyExpired":true,"MachineAuthorized":true,"AuthURL":"https://h/register/x",\
                "NodeKeySignature":"AQID","Error":"no"}
                """,
            empty: """
                {"User":{"ID":0,"DisplayName":""},"Login":{"ID":0,"Provider":"","LoginName":"","DisplayName":""},\
                "NodeKeyExpired":false,"MachineAuthorized":false,"AuthURL":"","Error":""}
                """
        ),
        GoldenCase(
            RegisterRequest.self,
            full: """
                {"Version":138,"NodeKey":"\(WireSample.nodeKey)","OldNodeKey":"\(WireSample.nodeKey)",\
                "NLKey":"nlpub:\(WireSample.digits)","Auth":{"AuthKey":"k"},"Expiry":"1970-01-01T00:02:03Z",\
                "Followup":"https://h/register/x","Hostinfo":{"OS":"linux"},"Ephemeral":true,\
                "NodeKeySignature":"AQID","Tailnet":"t"}
                """,
            empty: """
                {"Version":0,"NodeKey":"nodekey:\(WireSample.zeros)","OldNodeKey":"nodekey:\(WireSample.zeros)",\
                "NLKey":"nlpub:\(WireSample.zeros)","Expiry":"\(zeroTime)","Followup":""}
                """
        ),
        GoldenCase(
            OverTLSPublicKeyResponse.self,
            full: #"{"legacyPublicKey":"mkey:\#(WireSample.zeros)","publicKey":"\#(WireSample.machineKey)"}"#,
            empty: #"{"legacyPublicKey":"mkey:\#(WireSample.zeros)","publicKey":"mkey:\#(WireSample.zeros)"}"#
        ),
        GoldenCase(
            EarlyNoise.self,
            full: #"{"nodeKeyChallenge":"chalpub:\#(WireSample.digits)"}"#,
            empty: #"{"nodeKeyChallenge":"chalpub:\#(WireSample.zeros)"}"#
        ),
    ]
}
