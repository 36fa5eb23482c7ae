// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Spellings that headscale's command line takes and argument-parser does not.
enum ArgumentSpelling {
    private static let flags: Set<String> = ["--reusable", "--ephemeral", "--force", "--disable"]

    /// Writes `--flag=true` as `--flag` and leaves `--flag=false` out, up to a `--`.
    static func normalized(_ arguments: [String]) -> [String] {
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        let spelled = arguments[..<end].compactMap { argument -> String? in
            let parts = argument.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, flags.contains(String(parts[0])) else { return argument }
            switch parts[1].lowercased() {
            case "true", "t", "1": return String(parts[0])
            case "false", "f", "0": return nil
            default: return argument
            }
        }
        return spelled + arguments[end...]
    }
}
