// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire

/// The ports of a destination.
enum PortList {
    /// Reads `*`, or ports and ranges `a-b` with commas between them.
    static func parse(_ text: String) throws(SyntaxFailure) -> [PortRange] {
        if text == "*" { return everything }
        var ranges: [PortRange] = []
        var rest = Substring(text).utf8
        while true {
            let part = rest.prefix { $0 != UInt8(ascii: ",") }
            guard ranges.count < PolicyLimits.portsMax else {
                throw SyntaxFailure("more than \(PolicyLimits.portsMax) ports", hint: "put neighbours into a range")
            }
            ranges.append(try range(part))
            guard part.endIndex < rest.endIndex else { return ranges }
            rest = rest[rest.index(after: part.endIndex)...]
        }
    }

    private static let everything = [PortRange.any]

    private static func range(_ text: Substring.UTF8View) throws(SyntaxFailure) -> PortRange {
        guard let dash = text.firstIndex(of: UInt8(ascii: "-")) else {
            let number = try port(text)
            guard number > 0 else { throw SyntaxFailure("first port must be >0, or use '*' for wildcard") }
            return PortRange(first: number, last: number)
        }
        let last = text[text.index(after: dash)...]
        guard dash > text.startIndex, !last.isEmpty, !last.contains(UInt8(ascii: "-")) else {
            throw SyntaxFailure("invalid port range format", hint: "write it as \"80-90\"")
        }
        return try range(text[..<dash], last)
    }

    private static func range(
        _ first: Substring.UTF8View,
        _ last: Substring.UTF8View
    ) throws(SyntaxFailure) -> PortRange {
        let first = try port(first)
        let last = try port(last)
        guard first <= last else {
            throw SyntaxFailure("invalid port range: first port is greater than last port")
        }
        return PortRange(first: first, last: last)
    }

    private static func port(_ text: Substring.UTF8View) throws(SyntaxFailure) -> UInt16 {
        var number = 0
        var digits = 0
        for byte in text {
            guard (0x30...0x39).contains(byte), digits < digitsMax else { throw SyntaxFailure("invalid first integer") }
            number = number * 10 + Int(byte - 0x30)
            digits += 1
        }
        guard digits > 0 else { throw SyntaxFailure("invalid first integer") }
        guard let port = UInt16(exactly: number) else { throw SyntaxFailure("port number out of range") }
        return port
    }

    /// Of a number that is still said to be out of range.
    private static let digitsMax = 10
}
