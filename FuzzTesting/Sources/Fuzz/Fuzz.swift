// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import CLibFuzzer
import Glibc
import NeedleTesting

/// Runs libFuzzer on one parser.
///
/// - Shape: `needletail-fuzz PARSER [libFuzzer's arguments]`, or without arguments: prints the parsers' names.
@main
enum Fuzz {
    static let parsers = ParserUnderTest.all + ParserUnderTest.transport
    static let chosen = parsers.first { $0.name == CommandLine.arguments.dropFirst().first }

    static func main() {
        guard chosen != nil else {
            for parser in parsers { print(parser.name) }
            exit(CommandLine.arguments.count == 1 ? 0 : 2)
        }
        var arguments = ([CommandLine.arguments[0]] + CommandLine.arguments.dropFirst(2)).map { strdup($0) } + [nil]
        var count = Int32(arguments.count - 1)
        let status = arguments.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return LLVMFuzzerRunDriver(&count, &start) { bytes, size in
                Fuzz.feed(UnsafeBufferPointer(start: bytes, count: size))
                return 0
            }
        }
        exit(status)
    }

    /// A fault is a find just as a trap is.
    private static func feed(_ bytes: UnsafeBufferPointer<UInt8>) {
        do throws(ParserFault) {
            try chosen?.check(Array(bytes))
        } catch {
            fatalError("\(error)")
        }
    }
}
