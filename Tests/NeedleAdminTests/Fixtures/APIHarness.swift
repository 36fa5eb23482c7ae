// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NeedleAdmin
import NeedleTesting
import NeedleTypes
import Testing

/// REST v1 over a gate in memory, without a socket.
struct APIHarness {
    let gate: InlineGate
    /// Where the policy is kept, if not in memory.
    var policy: PolicyKeeping?

    init(withAddresses: Bool = true) {
        gate = InlineGate(settings: InlineGate.settings(withAddresses: withAddresses))
    }

    /// An answer: its status, its content type, and its body as JSON.
    struct Answer {
        let status: Int
        let contentType: String?
        let json: Any
        let text: String

        subscript(_ path: String...) -> Any? {
            path.reduce(json as Any?) { value, name in
                if let index = Int(name) {
                    let array = value as? [Any] ?? []
                    return array.indices.contains(index) ? array[index] : nil
                }
                return (value as? [String: Any])?[name]
            }
        }

        func string(_ path: String...) -> String? {
            path.reduce(json as Any?) { value, name in (value as? [String: Any])?[name] } as? String
        }
    }

    /// What the API under test is made of, with a clock that follows the gate's.
    var api: AdminAPI {
        let gate = gate
        return AdminAPI(
            gate: gate,
            version: VersionObject(version: "1.2.3", commit: "abc", serverURL: "https://control.example.com"),
            policy: policy ?? .database(text: { gate.policyText($0) }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { gate.now }
        )
    }

    func call(_ method: String, _ path: String, _ body: String? = nil) async throws -> Answer {
        try await call(method, path, bytes: body.map { Array($0.utf8) })
    }

    func call(_ method: String, _ path: String, bytes: [UInt8]?, api: AdminAPI? = nil) async throws -> Answer {
        let application = Application(router: (api ?? self.api).router(), logger: Logger(label: "test"))
        let method = try #require(HTTPRequest.Method(rawValue: method))
        return try await application.test(.router) { client in
            try await client.execute(uri: path, method: method, body: bytes.map { ByteBuffer(bytes: $0) }) { response in
                let data = Data(response.body.readableBytesView)
                return Answer(
                    status: response.status.code,
                    contentType: response.headers[.contentType],
                    json: (try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)) ?? NSNull(),
                    text: String(decoding: data, as: UTF8.self)
                )
            }
        }
    }
}
