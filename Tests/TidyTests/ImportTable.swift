// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Which targets each target may import, and which modules of others; the table of ARCHITECTURE.md.
enum ImportTable {
    struct Row: Sendable {
        let target: String
        let isPure: Bool
        let ours: Set<String>
        let others: Set<String>
    }

    /// In the order of the table: a target imports only what stands above it.
    static let rows: [Row] = [
        Row(target: "NeedleTypes", isPure: true, ours: [], others: []),
        Row(target: "HuJSON", isPure: true, ours: [], others: []),
        Row(
            target: "NeedleNoise",
            isPure: true,
            ours: ["NeedleTypes", "CRecordCipher", "CSodium"],
            others: ["Crypto"]
        ),
        Row(target: "NeedleWire", isPure: true, ours: ["NeedleTypes"], others: []),
        Row(target: "NeedlePolicy", isPure: true, ours: ["NeedleTypes", "NeedleWire", "HuJSON"], others: []),
        Row(target: "NeedleModel", isPure: true, ours: pure, others: collections),
        Row(target: "NeedleStorage", isPure: false, ours: ["NeedleTypes", "NeedleModel"], others: ["Synchronization"]),
        Row(
            target: "NeedleStorageSQLite",
            isPure: false,
            ours: ["NeedleTypes", "NeedleWire", "NeedleModel", "NeedleStorage"],
            others: ["GRDB", "Dispatch"]
        ),
        Row(
            target: "NeedleTransport",
            isPure: false,
            ours: pure.union(["NeedleModel", "CZstd"]),
            others: nio.union(["NIOHPACK", "NIOSSL", "Logging", "Synchronization"])
        ),
        Row(
            target: "NeedleAdmin",
            isPure: false,
            ours: pure.union(["NeedleModel", "NeedleStorage"]),
            others: nio.union(["Hummingbird", "HummingbirdCore", "HTTPTypes", "Logging", "ServiceLifecycle"])
        ),
        Row(
            target: "NeedleServer",
            isPure: false,
            ours: pure.union(storage).union(["NeedleModel", "NeedleTransport", "NeedleAdmin"]),
            others: nio.union([
                "NIOSSL", "Logging", "ServiceLifecycle", "Synchronization", "Yams", "AsyncHTTPClient", "Crypto",
                "SwiftASN1", "UnixSignals", "X509",
            ])
        ),
        Row(
            target: "NeedleSwarm",
            isPure: false,
            ours: pure.union(["CZstd"]),
            others: nio.union(["NIOSSL", "Synchronization", "Logging"])
        ),
        Row(
            target: "NeedleCommands",
            isPure: false,
            ours: pure.union(storage).union([
                "NeedleModel", "NeedleTransport", "NeedleAdmin", "NeedleServer", "NeedleSwarm",
            ]),
            others: nio.union([
                "ArgumentParser", "AsyncHTTPClient", "Logging", "ServiceLifecycle", "Yams", "Synchronization",
            ])
        ),
        Row(
            target: "needletail",
            isPure: false,
            ours: ["NeedleAdmin", "NeedleCommands", "NeedleServer"],
            others: []
        ),
        Row(
            target: "NeedleTesting",
            isPure: false,
            ours: pure.union(storage).union(["NeedleModel"]),
            others: ["NIOEmbedded", "Synchronization"]
        ),
    ]

    private static let pure: Set<String> = ["NeedleTypes", "NeedleNoise", "NeedleWire", "NeedlePolicy", "HuJSON"]
    private static let storage: Set<String> = ["NeedleStorage", "NeedleStorageSQLite"]
    private static let collections: Set<String> = [
        "Collections", "DequeModule", "HashTreeCollections", "HeapModule", "OrderedCollections",
    ]
    private static let nio: Set<String> = [
        "NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket", "NIOTLS", "NIOFoundationCompat", "NIOConcurrencyHelpers",
    ]

    /// What comes with the toolchain; pure targets take of it only what needs no outside world.
    static let toolchain: Set<String> = ["Foundation", "FoundationEssentials", "Glibc", "Musl"]
}
