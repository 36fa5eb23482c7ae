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

    /// `answers` are the lines that a person at a terminal types; nil means there is none.
    init(answers: [String]?) {
        isTerminal = answers != nil
        state = Mutex(State(answers: answers ?? []))
    }

    var output: String { state.withLock { $0.output } }
    var error: String { state.withLock { $0.error } }

    var console: Console {
        Console(
            isInputTerminal: isTerminal,
            isOutputTerminal: isTerminal,
            output: { text in self.state.withLock { $0.output += text } },
            error: { text in self.state.withLock { $0.error += text } },
            input: { self.state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() } }
        )
    }
}
