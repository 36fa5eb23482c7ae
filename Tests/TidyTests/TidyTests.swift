// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Testing

/// The rules of the repository that a test can enforce.
@Suite struct TidyTests {
    @Test("every target is in the import table, and imports only what its row allows")
    func imports() throws {
        let rows = Dictionary(uniqueKeysWithValues: ImportTable.rows.map { ($0.target, $0) })
        for file in try Repository.swiftFiles(in: "Sources") {
            let target = String(file.path.split(separator: "/")[1])
            guard let row = rows[target] else {
                Issue.record("\(file): the target \(target) is not in the import table")
                continue
            }
            let allowed = row.ours.union(row.others).union(ImportTable.toolchain)
            for module in imports(of: file) where !allowed.contains(module) {
                Issue.record("\(file) imports \(module), which the import table does not allow for \(target)")
            }
        }
    }

    @Test("a target stands below everything that it imports of ours")
    func order() {
        var above: Set<String> = ["CRecordCipher", "CSodium", "CZstd"]
        for row in ImportTable.rows {
            #expect(row.ours.subtracting(above).isEmpty, "\(row.target)")
            above.insert(row.target)
        }
    }

    @Test(
        "pure targets have no clock, randomness, locks, files, tasks or sockets",
        arguments: ImportTable.rows.filter(\.isPure).map(\.target)
    )
    func purity(target: String) throws {
        let forbidden = [
            "ContinuousClock", "SuspendingClock", "Date()", "Date.now", "SystemRandomNumberGenerator", "Mutex<",
            "NSLock",
            "FileManager", "FileHandle", "URLSession", "Task {", "Task.detached", " async ", "await ", "actor ",
            "DispatchQueue", "getrandom", "clock_gettime", "socket(",
        ]
        for file in try Repository.swiftFiles(in: "Sources/\(target)") {
            for line in code(of: file) {
                for word in forbidden where line.contains(word) {
                    Issue.record("\(file): a pure target has '\(word)': \(line)")
                }
            }
        }
    }

    @Test("every Swift file begins with the licence header")
    func headers() throws {
        for folder in ["Sources", "Tests", "Benchmarks", "FuzzTesting"] {
            for file in try Repository.swiftFiles(in: folder) {
                let lines = file.lines.filter { !$0.hasPrefix("// swift-tools-version") }
                #expect(lines.first == "// SPDX-License-Identifier: BSD-3-Clause", "\(file)")
                #expect(lines.dropFirst().first?.hasPrefix("// Part of Needletail") == true, "\(file)")
            }
        }
    }

    @Test("no unstructured tasks, traps or unchecked claims in Sources without a reason beside them")
    func traps() throws {
        for file in try Repository.swiftFiles(in: "Sources") {
            for line in code(of: file) {
                for word in ["try!", "Task.detached", "Task {", "fatalError(", "nonisolated(unsafe)", "TODO", "FIXME"]
                where line.contains(word) && !line.contains("add\(word)") {
                    Issue.record("\(file) has '\(word)': \(line)")
                }
            }
        }
    }

    @Test("no folder is called after nothing")
    func folders() throws {
        let forbidden: Set<Substring> = ["Utils", "Util", "Helpers", "Helper", "Common", "Misc", "New", "Utilities"]
        for file in try Repository.swiftFiles(in: "Sources") + Repository.swiftFiles(in: "Tests") {
            let bad = forbidden.intersection(file.path.split(separator: "/"))
            #expect(bad.isEmpty, "\(file)")
        }
    }

    @Test("the README stays within 150 lines")
    func readme() throws {
        let text = try String(contentsOf: Repository.root.appending(path: "README.md"), encoding: .utf8)
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 151)
    }

    @Test("the targets of ARCHITECTURE.md are those of the import table")
    func architecture() throws {
        let text = try String(contentsOf: Repository.root.appending(path: "ARCHITECTURE.md"), encoding: .utf8)
        for row in ImportTable.rows {
            #expect(text.contains("`\(row.target)`"), "\(row.target) is missing in ARCHITECTURE.md")
        }
    }

    // MARK: -

    private func imports(of file: Repository.File) -> [String] {
        file.lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "import"), index <= 2, index + 1 < words.count,
                words[..<index].allSatisfy({
                    ["package", "public", "internal", "private", "@preconcurrency"].contains($0)
                })
            else { return nil }
            return String(words[index + 1].split(separator: ".")[0])
        }
    }

    /// The lines that are not comments.
    private func code(of file: Repository.File) -> [Substring] {
        file.lines.filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }
    }
}
