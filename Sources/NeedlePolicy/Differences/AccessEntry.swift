// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire

/// What one rule lets through at one destination; equal entries mean the same before and after.
struct AccessEntry: Hashable {
    /// The number of an ``AccessSources`` in the ``Interned`` of them.
    let sources: Int
    let protocols: [Int]
    let ports: [PortRange]

    /// With the usual protocols written out.
    init(sources: Int, protocols: [Int], ports: [PortRange]) {
        self.sources = sources
        self.protocols = protocols.isEmpty ? IPProtocol.usual.sorted() : protocols
        self.ports = ports
    }

    /// The ports as they count for `number`: all of them where there are none.
    func ports(of number: Int) -> [PortRange] {
        guard protocols.contains(number) else { return [] }
        return IPProtocol.withPorts.contains(number) ? ports : [.any]
    }
}

/// Values that are compared often, by numbers.
struct Interned<Value: Hashable> {
    private(set) var values: [Value] = []
    private var ids: [Value: Int] = [:]

    subscript(id: Int) -> Value { values[id] }

    mutating func id(of value: Value) -> Int {
        if let id = ids[value] { return id }
        ids[value] = values.count
        values.append(value)
        return values.count - 1
    }
}
