// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleCommands
import Synchronization

/// A console whose input is given and whose output is kept.
final class RecordingConsole: Sendable {
    private struct State {
        var output = ""
        var error = ""
        var answers: [String]
    }

    private let state: Mutex<State>
    private let isTerminal: Bool
    private let piped: String?

    /// `answers` are the lines that a person at a terminal types; nil means there is none, and `input` is what comes
    /// through a pipe.
    init(answers: [String]?, input: String? = nil) {
        isTerminal = answers != nil
        piped = input
        state = Mutex(State(answers: answers ?? []))
    }

    var output: String { state.withLock { $0.output } }
    var error: String { state.withLock { $0.error } }

    private var wholeInput: (@Sendable () -> [UInt8])? {
        guard let piped else { return nil }
        return { Array(piped.utf8) }
    }

    var console: Console {
        Console(
            isInputTerminal: isTerminal,
            isOutputTerminal: isTerminal,
            output: { text in self.state.withLock { $0.output += text } },
            error: { text in self.state.withLock { $0.error += text } },
            input: { self.state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() } },
            wholeInput: wholeInput
        )
    }
}
