// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleWire

/// Turns the body of a map response into messages, decodes them all, and applies them.
final class MapStreamReceiver: ResponseReceiver {
    /// A refusal's text is kept up to here.
    static let refusalBytesMax = 4096

    private let stream: SimulatedMapStream
    private let started: EventLoopPromise<Void>
    private let isCompressed: Bool
    private let settings: MapStreamSettings
    private let decoder: ZstdDecoder
    private let giveUp: () -> Void
    private var frames: MapFrameDecoder
    private var status: Int?
    private var refusal = ByteBuffer()
    private var failure: ClientError?

    init(
        _ stream: SimulatedMapStream,
        isCompressed: Bool,
        settings: MapStreamSettings,
        decoder: ZstdDecoder,
        started: EventLoopPromise<Void>,
        giveUp: @escaping () -> Void
    ) {
        self.stream = stream
        self.isCompressed = isCompressed
        self.settings = settings
        self.decoder = decoder
        self.started = started
        self.giveUp = giveUp
        frames = MapFrameDecoder(payloadMax: settings.payloadMax)
    }

    func received(status: Int) {
        self.status = status
        if status == 200 { started.succeed() }
    }

    func received(body: ByteBuffer) {
        guard failure == nil else { return }
        guard status == 200 else {
            if refusal.readableBytes < Self.refusalBytesMax { refusal.writeImmutableBuffer(body) }
            return
        }
        stream.received(bytes: body.readableBytes)
        do throws(ClientError) {
            try take(body)
        } catch {
            failure = error
            giveUp()
        }
    }

    func responseEnded(_ end: StreamEnd) {
        var end = end
        if let failure {
            end = .failed(failure)
        } else if let status, status != 200 {
            let text = String(decoding: refusal.readableBytesView, as: UTF8.self)
            end = .failed(.refused(status: status, text: text.trimmingNewlines))
        } else if end == .finished, frames.bufferedCount > 0 {
            end = .failed(.malformed(WireError(.malformed, message: "the stream ended inside a message")))
        }
        if case .failed(let error) = end { started.fail(error) } else { started.fail(ClientError.ended(end)) }
        stream.ended(end)
    }

    private func take(_ body: ByteBuffer) throws(ClientError) {
        frames.append(body.readableBytesView)
        do throws(WireError) {
            while let payload = try frames.next() {
                let text = isCompressed ? try expand(payload) : payload
                try apply(text)
            }
        } catch {
            throw failure ?? .malformed(error)
        }
        if let failure { throw failure }
    }

    private func expand(_ payload: [UInt8]) throws(WireError) -> [UInt8] {
        do throws(ClientError) {
            return Array(buffer: try decoder.message(ByteBuffer(bytes: payload), limit: settings.textMax))
        } catch {
            failure = error
            throw WireError(.malformed, message: "\(error)")
        }
    }

    private func apply(_ json: [UInt8]) throws(WireError) {
        let message = try MapResponse.decode(json)
        do throws(ClientMap.Violation) {
            try stream.received(message)
        } catch {
            failure = .violation(error)
            throw WireError(.invalidValue, message: error.description)
        }
    }
}

extension String {
    /// Without the line breaks that error texts end with.
    var trimmingNewlines: String {
        var text = self
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }
}
