// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Finds the table's keys in the tree of a file.
///
/// Keys are compared in lower case, as headscale does.
struct FileKeys {
    /// For how many unknown keys the nearest known one is looked for; comparing takes time.
    static let maximumProposals = 64

    private let rows: Set<String>
    private let sections: Set<String>
    private let candidates: [String]
    private var proposalsLeft = Self.maximumProposals
    private(set) var given = GivenValues()
    private(set) var findings: [ConfigurationFinding] = []

    /// A search for `keys`.
    init(keys: [ConfigurationKey]) {
        rows = Set(keys.map(\.name))
        var sections: Set<String> = []
        for key in keys {
            let parts = key.name.split(separator: ".")
            for count in 1..<max(1, parts.count) { sections.insert(parts.prefix(count).joined(separator: ".")) }
        }
        self.sections = sections
        candidates = keys.filter { !$0.isRemoved }.map(\.name)
    }

    /// Takes the values of `document`, whose top level must be a section, or empty.
    mutating func read(_ document: YAMLNode) {
        switch document.content {
        case .null: break
        case .mapping(let entries): read(entries, under: "")
        case .text, .list:
            report(
                "",
                line: document.line,
                "\(document.kindName) where keys and values belong",
                "write lines such as server_url: https://control.example.com"
            )
        }
    }

    private mutating func read(_ entries: [YAMLNode.Entry], under section: String) {
        for entry in entries {
            let part = entry.key.lowercased()
            let name = section.isEmpty ? part : "\(section).\(part)"
            if rows.contains(name) {
                take(entry, as: name)
            } else if sections.contains(name) {
                descend(entry, into: name)
            } else {
                reportUnknown(name, line: entry.line)
            }
        }
    }

    private mutating func take(_ entry: YAMLNode.Entry, as name: String) {
        if given[name] != nil {
            return report(name, line: entry.line, "given twice, in different spelling", "keep one of them")
        }
        // A key without a value is kept, since one that headscale removed must not be there at all.
        given[name] = GivenValues.Value(node: entry.value, origin: .file(line: entry.line))
    }

    private mutating func descend(_ entry: YAMLNode.Entry, into name: String) {
        switch entry.value.content {
        case .null: break
        case .mapping(let entries): read(entries, under: name)
        case .text, .list:
            report(
                name,
                line: entry.line,
                "\(entry.value.kindName) where a section belongs",
                "write the keys of \(name) on lines of their own, indented"
            )
        }
    }

    private mutating func reportUnknown(_ name: String, line: Int?) {
        // Nested sections are bounded by the reader's depth, but their names are the file's.
        let shown = String(name.prefix(KeyProblem.maximumQuotedCharacters))
        let nearest = proposalsLeft > 0 ? NearestName.nearest(to: name, among: candidates) : nil
        proposalsLeft = max(0, proposalsLeft - 1)
        let advice =
            nearest.map { "did you mean \($0)?" }
            ?? "delete it, or see docs/configuration.md for the keys there are"
        report(shown, line: line, "there is no such key", advice)
    }

    private mutating func report(_ key: String, line: Int?, _ problem: String, _ advice: String) {
        findings.append(
            ConfigurationFinding(
                severity: .error,
                key: key,
                origin: .file(line: line),
                problem: problem,
                advice: advice
            )
        )
    }
}

extension ConfigurationKey {
    /// Whether headscale removed the key.
    var isRemoved: Bool {
        if case .removed = support { true } else { false }
    }
}
