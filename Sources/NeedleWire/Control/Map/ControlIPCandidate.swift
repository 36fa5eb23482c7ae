// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// One way to reach the control server.
package struct ControlIPCandidate: Hashable, Sendable {
    /// The address; absent means the name is resolved.
    package var ip: IPAddress?
    /// A proxy to go through; absent means none.
    package var aceHost = ""
    /// How long to wait before trying; absent means at once.
    package var dialStartDelaySeconds: Double = 0
    /// How long to try; absent means the client's default.
    package var dialTimeoutSeconds: Double = 0
    /// The highest that answers wins; absent means 0.
    package var priority = 0

    /// What is not given is left at the value that stands for "absent".
    package init(
        ip: IPAddress? = nil,
        aceHost: String = "",
        dialStartDelaySeconds: Double = 0,
        dialTimeoutSeconds: Double = 0,
        priority: Int = 0
    ) {
        self.ip = ip
        self.aceHost = aceHost
        self.dialStartDelaySeconds = dialStartDelaySeconds
        self.dialTimeoutSeconds = dialTimeoutSeconds
        self.priority = priority
    }
}

extension ControlIPCandidate: JSONCoded {
    private enum Field: String, JSONField {
        case ip = "IP"
        case aceHost = "ACEHost"
        case dialStartDelaySeconds = "DialStartDelaySec"
        case dialTimeoutSeconds = "DialTimeoutSec"
        case priority = "Priority"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .ip: ip = try reader.value()
            case .aceHost: aceHost = try reader.shortText()
            case .dialStartDelaySeconds: dialStartDelaySeconds = try reader.value() ?? 0
            case .dialTimeoutSeconds: dialTimeoutSeconds = try reader.value() ?? 0
            case .priority: priority = try reader.value() ?? 0
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("IP", ifPresent: ip)
        writer.field("ACEHost", ifNotEmpty: aceHost)
        if dialStartDelaySeconds != 0 { writer.field("DialStartDelaySec", dialStartDelaySeconds) }
        if dialTimeoutSeconds != 0 { writer.field("DialTimeoutSec", dialTimeoutSeconds) }
        writer.field("Priority", ifNotZero: priority)
        writer.endObject()
    }
}
