// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension GoldenCase {
    static let map = [
        GoldenCase(
            MapRequest.self,
            full: """
                {"Version":138,"Compress":"zstd","KeepAlive":true,"NodeKey":"\(WireSample.nodeKey)",\
                "DiscoKey":"\(WireSample.discoKey)","Stream":true,"Hostinfo":{"OS":"linux"},"MapSessionHandle":"h",\
                "MapSessionSeq":9,"Endpoints":["1.2.3.4:5","[2001:db8::1]:6"],"EndpointTypes":[2,1],"TKAHead":"HEAD",\
                "ReadOnly":true,"OmitPeers":true,"DebugFlags":["warn-ip-forwarding-off"],\
                "ConnectionHandleForTest":"c"}
                """,
            empty: """
                {"Version":0,"NodeKey":"nodekey:\(WireSample.zeros)","DiscoKey":"discokey:\(WireSample.zeros)"}
                """
        ),
        GoldenCase(
            MapResponse.self,
            full: """
                {"MapSessionHandle":"h","Seq":4,"KeepAlive":true,"DERPMap":{"Regions":{}},"DNSConfig":{},\
                "Domain":"example.com","CollectServices":false,"PacketFilter":[],\
                "PacketFilters":{"*":null,"b":[{"SrcIPs":[]}],"a":[]},\
                "UserProfiles":[{"ID":1,"LoginName":"","DisplayName":""}],"SSHPolicy":{"rules":[]},\
                "TKAInfo":{"Head":"H","Disabled":true},"PingRequest":{"URL":"u","URLIsNoise":false,"Types":""},\
                "PopBrowserURL":"https://x/","Health":[],"DisplayMessages":{"*":null,"a":{"Title":"T","Text":"t",\
                "Severity":"high","ImpactsConnectivity":true,"PrimaryAction":{"URL":"u","Label":"l"}}},\
                "ControlTime":"2026-11-21T06:00:00.25Z","Debug":{"SleepSeconds":1.5,"DisableLogTail":true,"Exit":0},\
                "ControlDialPlan":{"Candidates":[{"IP":"1.2.3.4","ACEHost":"a","DialStartDelaySec":0.5,\
                "DialTimeoutSec":10.0,"Priority":5}]},"ClientVersion":{"RunningLatest":true,"LatestVersion":"1.98.1",\
                "UrgentSecurityUpdate":true,"Notify":true,"NotifyURL":"u","NotifyText":"t"},"PeersRemoved":[3,5],\
                "PeersChangedPatch":[{"NodeID":4,"Online":true}],"PeerSeenChange":{"2":true,"10":false},\
                "OnlineChange":{"2":false}}
                """.replacing(#""DERPMap":{"Regions":{}}"#, with: #""DERPMap":{"omitDefaultRegions":true}"#)
        ),
        GoldenCase(
            PingRequest.self,
            full: """
                {"URL":"https://u/","URLIsNoise":true,"Log":true,"Types":"disco,TSMP","IP":"100.64.0.1","Payload":"AQ=="}
                """,
            empty: #"{"URL":"","URLIsNoise":false,"Types":""}"#
        ),
    ]

    static let dns = [
        GoldenCase(
            DNSConfig.self,
            full: """
                {"Resolvers":[{"Addr":"https://dns.example/q","BootstrapResolution":["1.1.1.1"],\
                "UseWithExitNode":true}],"Routes":{"a.example":[{"Addr":"9.9.9.9:53"}],"b.example":[]},\
                "FallbackResolvers":[{"Addr":"8.8.8.8"}],"Domains":["tail.example"],"Proxied":true,\
                "CertDomains":["x.example"],"ExtraRecords":[{"Name":"y.example","Type":"AAAA","Value":"fd7a::1"}],\
                "ExitNodeFilteredSet":[".secret"]}
                """
        )
    ]

    static let derp = [
        GoldenCase(
            DERPMap.self,
            full: """
                {"HomeParams":{"RegionScore":{"2":0.5,"10":1.5}},"Regions":{"2":{"RegionID":2,"RegionCode":"b",\
                "RegionName":"B","Nodes":[]},"900":{"RegionID":900,"RegionCode":"own","RegionName":"Own relay",\
                "Latitude":1.5,"Longitude":2.5,"Avoid":true,"NoMeasureNoHome":true,"Nodes":[{"Name":"900a",\
                "RegionID":900,"HostName":"h.example","CertName":"c","IPv4":"1.2.3.4","IPv6":"none","STUNPort":-1,\
                "STUNOnly":true,"DERPPort":8443,"InsecureForTests":true,"STUNTestIP":"127.0.0.1","CanPort80":true}]}},\
                "omitDefaultRegions":true}
                """
        ),
        GoldenCase(DERPHomeParams.self, full: #"{"RegionScore":{}}"#),
    ]

    static let requests = [
        GoldenCase(
            DERPAdmitClientRequest.self,
            full: #"{"NodePublic":"\#(WireSample.nodeKey)","Source":"1.2.3.4"}"#,
            empty: #"{"NodePublic":"nodekey:\#(WireSample.zeros)","Source":""}"#
        ),
        GoldenCase(DERPAdmitClientResponse.self, full: #"{"Allow":true}"#, empty: #"{"Allow":false}"#),
        GoldenCase(
            SetDNSRequest.self,
            full: #"{"Version":138,"NodeKey":"\#(WireSample.nodeKey)","Name":"n","Type":"TXT","Value":"v"}"#,
            empty: #"{"Version":0,"NodeKey":"nodekey:\#(WireSample.zeros)","Name":"","Type":"","Value":""}"#
        ),
        GoldenCase(
            HealthChangeRequest.self,
            full: #"{"Subsys":"router","Error":"e","NodeKey":"\#(WireSample.nodeKey)"}"#,
            empty: #"{"Subsys":"","Error":"","NodeKey":"nodekey:\#(WireSample.zeros)"}"#
        ),
        GoldenCase(
            TokenRequest.self,
            full: #"{"CapVersion":138,"NodeKey":"\#(WireSample.nodeKey)","Audience":"a"}"#,
            empty: #"{"CapVersion":0,"NodeKey":"nodekey:\#(WireSample.zeros)","Audience":""}"#
        ),
        GoldenCase(TokenResponse.self, full: #"{"id_token":"x.y.z"}"#, empty: #"{"id_token":""}"#),
        GoldenCase(
            QueryFeatureRequest.self,
            full: #"{"Feature":"funnel","NodeKey":"\#(WireSample.nodeKey)"}"#,
            empty: #"{"Feature":"","NodeKey":"nodekey:\#(WireSample.zeros)"}"#
        ),
        GoldenCase(QueryFeatureResponse.self, full: #"{"Complete":true,"Text":"t","URL":"u","ShouldWait":true}"#),
        GoldenCase(WebClientAuthResponse.self, full: #"{"ID":"i","URL":"u","Complete":true}"#),
        GoldenCase(
            AuditLogRequest.self,
            full: """
                {"Version":138,"NodeKey":"\(WireSample.nodeKey)","Action":"DISCONNECT_NODE","Details":"d",\
                "Timestamp":"2026-11-21T06:00:00Z"}
                """,
            empty: """
                {"Version":0,"NodeKey":"nodekey:\(WireSample.zeros)","Action":"","Details":"","Timestamp":"\(zeroTime)"}
                """
        ),
        GoldenCase(
            SetDeviceAttributesRequest.self,
            full: """
                {"Version":138,"NodeKey":"\(WireSample.nodeKey)","Update":{"custom:a":"s","custom:b":1.5,\
                "custom:c":true,"custom:d":null}}
                """,
            empty: #"{"Version":0,"NodeKey":"nodekey:\#(WireSample.zeros)","Update":{}}"#
        ),
        GoldenCase(
            SSHEventNotifyRequest.self,
            full: """
                {"EventType":3,"ConnectionID":"c","CapVersion":138,"NodeKey":"\(WireSample.nodeKey)","SrcNode":5,\
                "SSHUser":"root","LocalUser":"root","RecordingAttempts":[{"Recorder":"r","FailureMessage":"f"}]}
                """,
            empty: """
                {"EventType":0,"ConnectionID":"","CapVersion":0,"NodeKey":"nodekey:\(WireSample.zeros)","SrcNode":0,\
                "SSHUser":"","LocalUser":"","RecordingAttempts":[]}
                """
        ),
        GoldenCase(
            PingResponse.self,
            full: """
                {"Type":"disco","IP":"100.64.0.1","NodeIP":"100.64.0.1","NodeName":"n","Err":"e",\
                "LatencySeconds":0.25,"Endpoint":"1.2.3.4:5","PeerRelay":"p","DERPRegionID":1,"DERPRegionCode":"c",\
                "PeerAPIPort":65535,"IsLocalIP":true}
                """,
            empty: #"{"Type":""}"#
        ),
    ]
}
