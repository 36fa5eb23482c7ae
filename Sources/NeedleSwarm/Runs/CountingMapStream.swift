// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// Takes one map stream's messages apart, and hands them to the client to be counted.
final class CountingMapStream: ResponseReceiver {
    /// Bytes of one message as sent.
    static let payloadMax = 256 << 20

    private let client: SwarmClient
    private var assembler = MessageAssembler(payloadMax: CountingMapStream.payloadMax)
    private var status: Int?
    private var refusal = ""
    private var hasEnded = false

    init(client: SwarmClient) {
        self.client = client
    }

    func received(status: Int) {
        self.status = status
    }

    func received(body: ByteBuffer) {
        guard !hasEnded else { return }
        guard status == 200 else {
            if refusal.utf8.count < 1024 { refusal += String(buffer: body) }
            return
        }
        client.streamReceived(bytes: body.readableBytes)
        do throws(ClientError) {
            try assembler.receive(body) { (payload) throws(ClientError) in
                try client.streamReceived(message: payload, on: self)
            }
        } catch {
            end(.failed(error))
        }
    }

    func responseEnded(_ end: StreamEnd) {
        if let status, status != 200 {
            self.end(.failed(.refused(status: status, text: refusal.trimmingNewlines)))
        } else if end == .finished, assembler.isInsideMessage {
            self.end(.failed(.violation(ClientMap.Violation(description: "the stream ended inside a message"))))
        } else {
            self.end(end)
        }
    }

    private func end(_ end: StreamEnd) {
        guard !hasEnded else { return }
        hasEnded = true
        client.streamEnded(self, end)
    }
}
