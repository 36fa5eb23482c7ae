// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTypes
import NeedleWire

/// Keys, packets and machines that the relay's tests share.
enum RelaySamples {
    typealias Machine = RelayClientMachine<[UInt8]>
    typealias Queues = RelaySendQueues<[UInt8]>

    static let nonce = Array(repeating: UInt8(5), count: 24)
    static let disco = DERPProtocol.discoMagic + Array(repeating: UInt8(0), count: 56)

    /// A key that is different for every `number`.
    static func key(_ number: Int) -> NodeKey {
        var bytes: [UInt8] = Array(repeating: 0, count: 24)
        bytes.append(integer: UInt64(number + 1))
        return NodeKey(bytes: bytes) ?? .zero
    }

    static func clientInfo(_ number: Int) -> DERPClientMessage<[UInt8]> {
        .clientInfo(key(number), nonce: nonce, sealed: [1, 2, 3])
    }

    /// A machine whose client 1 has logged in at 0 and whose first writes are done.
    static func steadyMachine(
        limits: RelayLimits = RelayLimits(),
        jitter: Duration = .zero,
        queues: Mailbox
    ) -> Machine {
        var machine = Machine(limits: limits, keepAliveJitter: jitter)
        _ = machine.opened(now: .zero)
        _ = machine.nextWrite(from: queues, now: .zero)
        _ = machine.writeCompleted(now: .zero)
        _ = machine.received(clientInfo(1), now: .zero)
        _ = machine.clientInfoOpened(DERPClientInfo())
        _ = machine.admitted(now: .zero)
        _ = machine.nextWrite(from: queues, now: .zero)
        _ = machine.writeCompleted(now: .zero)
        return machine
    }
}

extension RelaySamples {
    /// The queues of one connection, by reference, because `#expect` takes no `inout` arguments.
    final class Mailbox {
        var queues = Queues(limits: RelayLimits())

        func offer(_ payload: [UInt8], from source: NodeKey, kind: RelayPacketKind) -> RelayDropReason? {
            queues.offer(payload, from: source, kind: kind)
        }
    }
}

extension RelayClientMachine<[UInt8]> {
    /// See ``RelayClientMachine/nextWrite(from:now:)``.
    mutating func nextWrite(from mailbox: RelaySamples.Mailbox, now: Duration) -> [RelayOutbound<[UInt8]>] {
        nextWrite(from: &mailbox.queues, now: now)
    }
}
