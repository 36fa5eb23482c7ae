// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What a node says about itself; it is stored as it came, and peers get ``peerView``.
///
/// A flag of three states is `nil` when the client did not say.
///
/// - Source: tailcfg.Hostinfo.
package struct Hostinfo: Hashable, Sendable {
    /// The version of the client; absent means unknown.
    package var ipnVersion = ""
    /// For the log service of Tailscale; absent means none.
    package var frontendLogID = ""
    /// For the log service of Tailscale; absent means none.
    package var backendLogID = ""
    /// `linux`, `macOS`, `windows`, `iOS`, `android`, …; the Rust client leaves it out.
    package var os = ""
    /// The version of the system; absent means unknown.
    package var osVersion = ""
    /// Whether it runs in a container; absent means unknown.
    package var container: Bool?
    /// The kind of environment, such as `k8s` or `lm`; absent means an ordinary one.
    package var env = ""
    /// `debian`, `nixos`, …; absent means unknown.
    package var distro = ""
    /// The version of the distribution; absent means unknown.
    package var distroVersion = ""
    /// `jammy`, `bullseye`, …; absent means unknown.
    package var distroCodeName = ""
    /// The program that embeds the client; absent means the ordinary one.
    package var app = ""
    /// Whether a desktop was seen; absent means unknown.
    package var desktop: Bool?
    /// How the client was installed; absent means unknown.
    package var package = ""
    /// The model of a phone or machine; absent means unknown.
    package var deviceModel = ""
    /// For push notifications; absent means none.
    package var pushDeviceToken = ""
    /// The name that the machine has; the node's name is made from it.
    package var hostname = ""
    /// Whether the node refuses incoming connections; absent means no.
    package var shieldsUp = false
    /// Whether the node is only here because something was shared with it; absent means no.
    package var shareeNode = false
    /// Whether logging is off; absent means no.
    package var noLogsNoSupport = false
    /// Whether its settings may be changed from afar (capver 142); absent means no.
    package var remoteConfig = false
    /// Whether it wants to be set up for Funnel; absent means no.
    package var wireIngress = false
    /// Whether Funnel is in use (capver 113); absent means no.
    package var ingressEnabled = false
    /// Whether its user lets updates be started from afar; absent means no.
    package var allowsUpdate = false
    /// The processor, as uname says; absent means unknown.
    package var machine = ""
    /// What the client was built for; absent means unknown.
    package var goArch = ""
    /// The variant of that; absent means the default.
    package var goArchVar = ""
    /// What the client was built with; absent means unknown.
    package var goVersion = ""
    /// The routes that the node offers; both default routes make an exit node.
    ///
    /// Absent means none.
    package var routableIPs: [IPPrefix] = []
    /// The tags that the node asks for; absent means none.
    package var requestTags: [String] = []
    /// Where wake-on-LAN packets go; absent means none.
    package var wolMACs: [String] = []
    /// What it serves, PeerAPI included; absent means nothing.
    package var services: [Service] = []
    /// What it knows of its network; absent means the same as before.
    package var netInfo: NetInfo?
    /// Its SSH host keys; absent means Tailscale SSH is off.
    package var sshHostKeys: [String] = []
    /// `aws`, `gcp`, …; absent means unknown.
    package var cloud = ""
    /// Whether it runs without a network device; absent means unknown.
    package var userspace: Bool?
    /// Whether its subnet router runs without a network device; absent means unknown.
    package var userspaceRouter: Bool?
    /// Whether it is an app connector; absent means unknown.
    package var appConnector: Bool?
    /// Changes with the virtual services that it advertises (capver 108); absent means none.
    package var servicesHash = ""
    /// Whether it relays for peers (capver 120); absent means no.
    package var peerRelay = false
    /// The StableID of the exit node in use (capver 122); absent means none.
    package var exitNodeID = ""
    /// Where it is; absent means unknown.
    package var location: Location?
    /// Its trusted platform module; absent means none is known.
    package var tpm: TPMInfo?
    /// Whether its state file is encrypted (capver 118); absent means unknown.
    package var stateEncrypted: Bool?

    /// Every field at the value that stands for "absent".
    package init() {}
}

extension Hostinfo {
    /// The part of it that peers are told: enough to name the node, reach its PeerAPI and verify its SSH keys.
    ///
    /// Of its services peers only use those of the PeerAPI; the rest could be half a megabyte for every peer to carry.
    /// Texts lose the characters that need an escape in JSON, which the Rust client cannot read
    /// (reference: protocol trap 4).
    package var peerView: Hostinfo {
        var view = Hostinfo()
        view.os = os.withoutJSONEscapes
        view.hostname = hostname.withoutJSONEscapes
        view.shareeNode = shareeNode
        view.services = services.filter { $0.proto.hasPrefix("peerapi") }.map {
            Service(proto: $0.proto.withoutJSONEscapes, port: $0.port, description: $0.description.withoutJSONEscapes)
        }
        view.sshHostKeys = sshHostKeys.map(\.withoutJSONEscapes)
        view.appConnector = appConnector
        view.peerRelay = peerRelay
        view.location = location
        return view
    }
}

extension Hostinfo: JSONCoded {
    private enum Field: String, JSONField {
        case ipnVersion = "IPNVersion"
        case frontendLogID = "FrontendLogID"
        case backendLogID = "BackendLogID"
        case os = "OS"
        case osVersion = "OSVersion"
        case container = "Container"
        case env = "Env"
        case distro = "Distro"
        case distroVersion = "DistroVersion"
        case distroCodeName = "DistroCodeName"
        case app = "App"
        case desktop = "Desktop"
        case package = "Package"
        case deviceModel = "DeviceModel"
        case pushDeviceToken = "PushDeviceToken"
        case hostname = "Hostname"
        case shieldsUp = "ShieldsUp"
        case shareeNode = "ShareeNode"
        case noLogsNoSupport = "NoLogsNoSupport"
        case remoteConfig = "RemoteConfig"
        case wireIngress = "WireIngress"
        case ingressEnabled = "IngressEnabled"
        case allowsUpdate = "AllowsUpdate"
        case machine = "Machine"
        case goArch = "GoArch"
        case goArchVar = "GoArchVar"
        case goVersion = "GoVersion"
        case routableIPs = "RoutableIPs"
        case requestTags = "RequestTags"
        case wolMACs = "WoLMACs"
        case services = "Services"
        case netInfo = "NetInfo"
        case sshHostKeys
        case cloud = "Cloud"
        case userspace = "Userspace"
        case userspaceRouter = "UserspaceRouter"
        case appConnector = "AppConnector"
        case servicesHash = "ServicesHash"
        case peerRelay = "PeerRelay"
        case exitNodeID = "ExitNodeID"
        case location = "Location"
        case tpm = "TPM"
        case stateEncrypted = "StateEncrypted"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .ipnVersion: ipnVersion = try reader.shortText()
            case .frontendLogID: frontendLogID = try reader.shortText()
            case .backendLogID: backendLogID = try reader.shortText()
            case .os: os = try reader.shortText()
            case .osVersion: osVersion = try reader.shortText()
            case .container: container = try reader.value()
            case .env: env = try reader.shortText()
            case .distro: distro = try reader.shortText()
            case .distroVersion: distroVersion = try reader.shortText()
            case .distroCodeName: distroCodeName = try reader.shortText()
            case .app: app = try reader.shortText()
            case .desktop: desktop = try reader.value()
            case .package: package = try reader.shortText()
            case .deviceModel: deviceModel = try reader.shortText()
            case .pushDeviceToken: pushDeviceToken = try reader.shortText()
            case .hostname: hostname = try reader.shortText()
            case .shieldsUp: shieldsUp = try reader.value() ?? false
            case .shareeNode: shareeNode = try reader.value() ?? false
            case .noLogsNoSupport: noLogsNoSupport = try reader.value() ?? false
            case .remoteConfig: remoteConfig = try reader.value() ?? false
            case .wireIngress: wireIngress = try reader.value() ?? false
            case .ingressEnabled: ingressEnabled = try reader.value() ?? false
            case .allowsUpdate: allowsUpdate = try reader.value() ?? false
            case .machine: machine = try reader.shortText()
            case .goArch: goArch = try reader.shortText()
            case .goArchVar: goArchVar = try reader.shortText()
            case .goVersion: goVersion = try reader.shortText()
            case .routableIPs: routableIPs = try reader.list(max: WireLimits.routesMax) ?? []
            case .requestTags: requestTags = try reader.texts(max: WireLimits.tagsMax)
            case .wolMACs: wolMACs = try reader.texts(max: WireLimits.wolMACsMax)
            case .services: services = try reader.list(max: WireLimits.servicesMax) ?? []
            case .netInfo: netInfo = try reader.value()
            case .sshHostKeys:
                sshHostKeys = try reader.texts(max: WireLimits.sshHostKeysMax, bytesMax: WireLimits.sshHostKeyBytesMax)
            case .cloud: cloud = try reader.shortText()
            case .userspace: userspace = try reader.value()
            case .userspaceRouter: userspaceRouter = try reader.value()
            case .appConnector: appConnector = try reader.value()
            case .servicesHash: servicesHash = try reader.shortText()
            case .peerRelay: peerRelay = try reader.value() ?? false
            case .exitNodeID: exitNodeID = try reader.shortText()
            case .location: location = try reader.value()
            case .tpm: tpm = try reader.value()
            case .stateEncrypted: stateEncrypted = try reader.value()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("IPNVersion", ifNotEmpty: ipnVersion)
        writer.field("FrontendLogID", ifNotEmpty: frontendLogID)
        writer.field("BackendLogID", ifNotEmpty: backendLogID)
        writer.field("OS", ifNotEmpty: os)
        writer.field("OSVersion", ifNotEmpty: osVersion)
        writer.field("Container", ifPresent: container)
        writer.field("Env", ifNotEmpty: env)
        writer.field("Distro", ifNotEmpty: distro)
        writer.field("DistroVersion", ifNotEmpty: distroVersion)
        writer.field("DistroCodeName", ifNotEmpty: distroCodeName)
        writer.field("App", ifNotEmpty: app)
        writer.field("Desktop", ifPresent: desktop)
        writer.field("Package", ifNotEmpty: package)
        writer.field("DeviceModel", ifNotEmpty: deviceModel)
        writer.field("PushDeviceToken", ifNotEmpty: pushDeviceToken)
        writer.field("Hostname", ifNotEmpty: hostname)
        writer.field("ShieldsUp", ifTrue: shieldsUp)
        writer.field("ShareeNode", ifTrue: shareeNode)
        writer.field("NoLogsNoSupport", ifTrue: noLogsNoSupport)
        writer.field("RemoteConfig", ifTrue: remoteConfig)
        writer.field("WireIngress", ifTrue: wireIngress)
        writer.field("IngressEnabled", ifTrue: ingressEnabled)
        writer.field("AllowsUpdate", ifTrue: allowsUpdate)
        writer.field("Machine", ifNotEmpty: machine)
        writer.field("GoArch", ifNotEmpty: goArch)
        writer.field("GoArchVar", ifNotEmpty: goArchVar)
        writer.field("GoVersion", ifNotEmpty: goVersion)
        writer.field("RoutableIPs", ifNotEmpty: routableIPs)
        writer.field("RequestTags", ifNotEmpty: requestTags)
        writer.field("WoLMACs", ifNotEmpty: wolMACs)
        writer.field("Services", ifNotEmpty: services)
        writer.field("NetInfo", ifPresent: netInfo)
        writer.field("sshHostKeys", ifNotEmpty: sshHostKeys)
        writer.field("Cloud", ifNotEmpty: cloud)
        writer.field("Userspace", ifPresent: userspace)
        writer.field("UserspaceRouter", ifPresent: userspaceRouter)
        writer.field("AppConnector", ifPresent: appConnector)
        writer.field("ServicesHash", ifNotEmpty: servicesHash)
        writer.field("PeerRelay", ifTrue: peerRelay)
        writer.field("ExitNodeID", ifNotEmpty: exitNodeID)
        writer.field("Location", ifPresent: location)
        writer.field("TPM", ifPresent: tpm)
        writer.field("StateEncrypted", ifPresent: stateEncrypted)
        writer.endObject()
    }
}
