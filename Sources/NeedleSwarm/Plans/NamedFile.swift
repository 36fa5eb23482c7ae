// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import FoundationEssentials

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Reads and writes files that people name; what goes wrong is a sentence that says which file, why, and what to do.
package enum NamedFile {
    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - what: what it is, such as `the roster`.
    ///   - advice: what to do if it cannot be read, as a clause.
    /// - Returns: its bytes.
    /// - Throws: ``PlanError``.
    package static func read(_ path: String, _ what: String, advice: String) throws(PlanError) -> Data {
        do {
            return try Data(contentsOf: URL(filePath: path))
        } catch {
            throw PlanError("\(what) '\(path)' cannot be read: \(clause(error, missing: "it is not there")); \(advice)")
        }
    }

    /// Reads a policy, and looks whether planning understands it.
    package static func policy(
        _ path: String,
        advice: String = "name it with --policy"
    ) throws(PlanError) -> (text: String, policy: PlainPolicy) {
        let data = try read(path, "the policy", advice: advice)
        guard let text = String(validating: data, as: UTF8.self) else {
            throw PlanError("the policy '\(path)' is not text in UTF-8; save it as that")
        }
        do throws(PlanError) {
            return (text, try PlainPolicy(text))
        } catch {
            throw PlanError("the policy '\(path)' cannot be used: \(error)")
        }
    }

    /// Writes a file, in place of one that is there.
    package static func write(_ data: Data, to path: String, advice: String) throws(PlanError) {
        do {
            try data.write(to: URL(filePath: path))
        } catch {
            let clause = clause(error, missing: "its folder is not there")
            throw PlanError("'\(path)' cannot be written: \(clause); \(advice)")
        }
    }

    /// Makes a folder, with those that it lies in, unless it is there.
    package static func makeFolder(
        _ path: String,
        attributes: [FileAttributeKey: any Sendable] = [:],
        advice: String
    ) throws(PlanError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: attributes
            )
        } catch {
            let clause = clause(error, missing: "the folder that it lies in is not there")
            throw PlanError("the folder '\(path)' cannot be made: \(clause); \(advice)")
        }
    }

    /// Removes a file, if it is there.
    static func remove(_ path: String, advice: String) throws(PlanError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw PlanError("'\(path)' cannot be removed: \(clause(error, missing: "it is not there")); \(advice)")
        }
    }

    /// Why the file system refused.
    private static func clause(_ error: any Error, missing: String) -> String {
        let posix = error as? POSIXError ?? (error as? CocoaError)?.underlying as? POSIXError
        guard let code = posix?.code.rawValue else { return "\(error)" }
        switch Int32(code) {
        case ENOENT: return missing
        case EACCES, EPERM: return "this user may not"
        case EISDIR: return "it is a folder"
        case EEXIST: return "there is a file of that name"
        case ENOTDIR: return "a part of its path is a file and no folder"
        case ENOSPC, EDQUOT: return "the disk is full"
        case EROFS: return "the file system can only be read"
        default: return strerror(Int32(code)).map { String(cString: $0) } ?? "error \(code)"
        }
    }
}
