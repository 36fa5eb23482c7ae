// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Writes `a.b.c: value` lines as nested YAML.
enum YAMLText {
    /// The document in which each of `lines`, a dotted key and its value on one line, is set.
    static func nested(_ lines: [String], indentation: String = "") -> String {
        var sections: [String] = []
        var inner: [String: [String]] = [:]
        var text = ""
        for line in lines {
            let key = line.prefix { $0 != ":" }
            guard let dot = key.firstIndex(of: ".") else {
                text += "\(indentation)\(line)\n"
                continue
            }
            let section = String(key[..<dot])
            if inner[section] == nil { sections.append(section) }
            inner[section, default: []].append(String(line[line.index(after: dot)...]))
        }
        for section in sections {
            text += "\(indentation)\(section):\n" + nested(inner[section] ?? [], indentation: indentation + "  ")
        }
        return text
    }
}
