// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Lets Ctrl-C and a polite kill end a run, instead of the process, so that it can clean up behind itself.
enum Interruption {
    /// A signal handler can only reach what is global.
    private static let hasCome = Atomic<Bool>(false)

    private static let lookEvery = Duration.milliseconds(100)

    /// Runs `body`, and cancels it when a signal comes.
    static func watching<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result
    {
        for number in [SIGINT, SIGTERM] { signal(number) { _ in Interruption.hasCome.store(true, ordering: .relaxed) } }
        defer { for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) } }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while !hasCome.load(ordering: .relaxed) {
                    do { try await Task.sleep(for: lookEvery) } catch { return nil }
                }
                throw CommandError("interrupted")
            }
            guard let result = try await group.next(), let result else { throw CancellationError() }
            group.cancelAll()
            return result
        }
    }
}
