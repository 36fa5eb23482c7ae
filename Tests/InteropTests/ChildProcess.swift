// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation

/// A program that a test runs, with its output in files, so that it can be awaited and shown after a failure.
final class ChildProcess: Sendable {
    /// How often a condition is looked at again.
    static let pollInterval = Duration.milliseconds(25)
    /// How long a program may take to end once it was asked to.
    static let endLimit = Duration.seconds(20)

    private let name: String
    private let process = Process()
    private let input = Pipe()
    private let outputFile: URL
    private let errorFile: URL

    /// Starts `program`; its output goes to files called after `name` in `folder`.
    init(_ name: String, _ program: URL, _ arguments: [String], in folder: URL) throws {
        self.name = name
        outputFile = folder.appending(path: "\(name).out")
        errorFile = folder.appending(path: "\(name).err")
        for file in [outputFile, errorFile] { try Data().write(to: file) }
        let output = try FileHandle(forWritingTo: outputFile)
        let errors = try FileHandle(forWritingTo: errorFile)
        defer {
            try? output.close()
            try? errors.close()
        }
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"]
        ) { $1 }
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        // A program that has ended must fail the test that writes to it, not end the test process.
        signal(SIGPIPE, SIG_IGN)
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// What the program has printed so far.
    var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }

    /// The last lines that it wrote to its standard error.
    var lastErrors: String {
        let text = (try? String(contentsOf: errorFile, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(40).joined(separator: "\n")
    }

    func write(_ data: Data) throws {
        try input.fileHandleForWriting.write(contentsOf: data)
    }

    /// Closes the program's input, which ends those that read it.
    func closeInput() {
        try? input.fileHandleForWriting.close()
    }

    func send(signal number: Int32) {
        if process.isRunning { kill(process.processIdentifier, number) }
    }

    /// Waits for the program to end by itself, and returns its exit status.
    func exitStatus(within limit: Duration) async throws -> Int32 {
        try await wait(until: "it ends", within: limit) { !process.isRunning }
        return process.terminationStatus
    }

    /// Asks the program to end, and makes it if it does not.
    ///
    /// The scripts end with their input: a program that is started from here may have inherited blocked signals.
    func end() async {
        closeInput()
        send(signal: SIGTERM)
        let deadline = ContinuousClock.now + Self.endLimit
        // A test that ran out of time is cancelled, and may not leave its processes behind either.
        while process.isRunning, ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: Self.pollInterval)
        }
        send(signal: SIGKILL)
    }

    /// Waits until `condition` holds; fails if the program ends first or the time is over.
    func wait(
        until what: String,
        within limit: Duration,
        _ condition: () throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while true {
            let hasEnded = !process.isRunning
            if try condition() { return }
            if hasEnded { throw failure("ended with status \(process.terminationStatus) before \(what)") }
            if ContinuousClock.now > deadline { throw failure("\(limit) were not enough until \(what)") }
            try await Task.sleep(for: Self.pollInterval)
        }
    }

    private func failure(_ what: String) -> InteropError {
        InteropError("\(name): \(what)\n\(output.suffix(2_000))\n\(lastErrors)")
    }
}
