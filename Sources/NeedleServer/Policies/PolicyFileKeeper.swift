// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Logging
internal import NeedleAdmin
internal import NeedleModel
internal import NeedleStorage

/// Keeps the policy in force what the file of `policy.path` says, as far as the file makes sense.
///
/// An actor, so that what is read later is put in force later, whoever asks.
actor PolicyFileKeeper {
    private let file: PolicyFile
    private let installer: PolicyInstaller
    private let logger: Logger
    private var watch: PolicyFileWatch

    /// A keeper of a file that was read when it was in the state `stamp`.
    init(_ file: PolicyFile, readIn stamp: FileState?, gate: any TailnetGate, logger: Logger) {
        self.file = file
        self.logger = logger
        installer = PolicyInstaller(gate: gate, logger: logger)
        watch = PolicyFileWatch(tried: stamp)
    }

    /// Reads the file and puts it in force.
    ///
    /// - Throws: `invalid` with what is wrong; the old policy stays.
    func reload() async throws(ModelError) {
        let text: [UInt8]
        do throws(ServerError) {
            // Before reading, so that a change in between is seen as one.
            watch.read(in: file.stamp())
            text = try file.read()
        } catch {
            logger.warning("the policy cannot be read; the one before stays in force", metadata: ["error": "\(error)"])
            throw ModelError(.invalid, error.description)
        }
        _ = try await installer.install(text, origin: .file, source: file.path)
    }

    /// Looks whether the file has changed, and if so puts it in force.
    func look() async {
        guard watch.looked(at: file.stamp()) else { return }
        // The log has said what is wrong.
        try? await reload()
    }
}
