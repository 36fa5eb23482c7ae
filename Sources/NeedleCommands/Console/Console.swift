// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Standard input, output and error.
package struct Console: Sendable {
    /// Whether somebody sits at the input who can be asked.
    package let isInputTerminal: Bool
    /// Whether the output is read by a person.
    package let isOutputTerminal: Bool
    private let output: @Sendable (String) -> Void
    private let error: @Sendable (String) -> Void
    private let input: @Sendable () -> String?
    private let wholeInput: (@Sendable () -> [UInt8])?

    /// A console of any kind.
    package init(
        isInputTerminal: Bool,
        isOutputTerminal: Bool,
        output: @escaping @Sendable (String) -> Void,
        error: @escaping @Sendable (String) -> Void,
        input: @escaping @Sendable () -> String?,
        wholeInput: (@Sendable () -> [UInt8])? = nil
    ) {
        self.isInputTerminal = isInputTerminal
        self.isOutputTerminal = isOutputTerminal
        self.output = output
        self.error = error
        self.input = input
        self.wholeInput = wholeInput
    }

    /// The process's own.
    package static let process = Console(
        isInputTerminal: isatty(STDIN_FILENO) == 1,
        isOutputTerminal: isatty(STDOUT_FILENO) == 1,
        output: { try? FileHandle.standardOutput.write(contentsOf: Data($0.utf8)) },
        error: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) },
        input: { Swift.readLine() },
        wholeInput: { (try? FileHandle.standardInput.readToEnd()).map { Array($0) } ?? [] }
    )

    /// Writes text to standard output as it is.
    package func write(_ text: String) { output(text) }

    /// Writes text to standard error as it is.
    package func writeError(_ text: String) { error(text) }

    /// Reads a line from standard input; nil at its end.
    func readLine() -> String? { input() }

    /// Reads all that is left of standard input.
    func readAll() -> [UInt8] {
        if let wholeInput { return wholeInput() }
        var bytes: [UInt8] = []
        while let line = input() { bytes += Array("\(line)\n".utf8) }
        return bytes
    }
}
