// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire

/// The ports of a destination.
enum PortList {
    /// Reads `*`, or ports and ranges `a-b` with commas between them.
    static func parse(_ text: String) throws(SyntaxFailure) -> [PortRange] {
        if text == "*" { return [.any] }
        var ranges: [PortRange] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            ranges.append(try range(part))
        }
        return ranges
    }

    private static func range(_ text: Substring) throws(SyntaxFailure) -> PortRange {
        guard let dash = text.firstIndex(of: "-") else {
            let number = try port(text)
            guard number > 0 else { throw SyntaxFailure("first port must be >0, or use '*' for wildcard") }
            return PortRange(first: number, last: number)
        }
        let last = text[text.index(after: dash)...]
        guard dash > text.startIndex, !last.isEmpty, !last.contains("-") else {
            throw SyntaxFailure("invalid port range format", hint: "write it as \"80-90\"")
        }
        return try range(text[..<dash], last)
    }

    private static func range(_ first: Substring, _ last: Substring) throws(SyntaxFailure) -> PortRange {
        let first = try port(first)
        let last = try port(last)
        guard first <= last else {
            throw SyntaxFailure("invalid port range: first port is greater than last port")
        }
        return PortRange(first: first, last: last)
    }

    private static func port(_ text: Substring) throws(SyntaxFailure) -> UInt16 {
        guard !text.isEmpty, text.utf8.count <= 10, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(text)
        else { throw SyntaxFailure("invalid first integer") }
        guard let port = UInt16(exactly: number) else { throw SyntaxFailure("port number out of range") }
        return port
    }
}
