// swift-tools-version: 6.2
// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// Libraries of others, by the name under which targets use them below.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let collections = ["Collections", "HashTreeCollections", "HeapModule"].map {
    Target.Dependency.product(name: $0, package: "swift-collections")
}
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = ["Hummingbird", "HummingbirdCore"].map {
    Target.Dependency.product(name: $0, package: "hummingbird")
}
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio = ["NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket", "NIOTLS", "NIOFoundationCompat"].map {
    Target.Dependency.product(name: $0, package: "swift-nio")
}
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "needletail",
    products: [
        // For Benchmarks/, which is a package of its own so that nobody else resolves its dependencies.
        .library(
            name: "NeedleBenchmarked",
            targets: [
                "NeedleTypes", "NeedleNoise", "NeedleWire", "NeedlePolicy", "NeedleModel", "NeedleStorage",
                "NeedleStorageSQLite", "NeedleTesting",
            ]
        ),
        .library(name: "CZstd", targets: ["CZstd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

        // Pure: no sockets, files, clock, randomness, locks. See ARCHITECTURE.md.
        .target(name: "NeedleTypes", swiftSettings: settings),
        .target(name: "CRecordCipher", linkerSettings: [.linkedLibrary("crypto")]),
        .target(
            name: "NeedleNoise",
            dependencies: ["NeedleTypes", "CRecordCipher", "CSodium", crypto],
            swiftSettings: settings
        ),
        .target(name: "NeedleWire", dependencies: ["NeedleTypes"], swiftSettings: settings),
        .target(name: "HuJSON", swiftSettings: settings),
        .target(name: "NeedlePolicy", dependencies: ["NeedleTypes", "NeedleWire", "HuJSON"], swiftSettings: settings),
        .target(
            name: "NeedleModel",
            dependencies: ["NeedleTypes", "NeedleNoise", "NeedleWire", "NeedlePolicy"] + collections,
            swiftSettings: settings
        ),

        // Storage: the port and its adapters.
        .target(
            name: "NeedleStorage",
            dependencies: ["NeedleTypes", "NeedleModel"],
            swiftSettings: settings
        ),
        .target(
            name: "NeedleStorageSQLite",
            dependencies: ["NeedleTypes", "NeedleWire", "NeedleModel", "NeedleStorage", grdb],
            swiftSettings: settings
        ),

        // Shells.
        .target(
            name: "NeedleTransport",
            dependencies: [
                "NeedleTypes", "NeedleNoise", "NeedleWire", "NeedlePolicy", "NeedleModel", "CZstd", logging,
                nioHPACK, nioSSL,
            ] + nio,
            swiftSettings: settings
        ),
        .target(
            name: "NeedleAdmin",
            dependencies: [
                "NeedleTypes", "NeedleWire", "HuJSON", "NeedlePolicy", "NeedleModel", logging, serviceLifecycle,
            ] + hummingbird + nio,
            swiftSettings: settings
        ),
        .target(
            name: "NeedleServer",
            dependencies: [
                "NeedleTypes", "NeedleNoise", "NeedleWire", "NeedlePolicy", "NeedleModel", "NeedleStorage",
                "NeedleStorageSQLite", "NeedleTransport", "NeedleAdmin", asyncHTTPClient, crypto, logging, nioSSL,
                serviceLifecycle, x509, yams,
            ] + nio,
            swiftSettings: settings
        ),
        .target(
            name: "NeedleSwarm",
            dependencies: ["NeedleTypes", "NeedleNoise", "NeedleWire", "HuJSON", "CZstd", nioSSL] + nio,
            swiftSettings: settings
        ),
        .target(
            name: "NeedleCommands",
            dependencies: [
                "NeedleTypes", "NeedleWire", "HuJSON", "NeedlePolicy", "NeedleStorage", "NeedleTransport",
                "NeedleAdmin",
                "NeedleServer", "NeedleSwarm", argumentParser, asyncHTTPClient, logging, serviceLifecycle, yams,
            ] + nio,
            swiftSettings: settings
        ),
        .executableTarget(
            name: "needletail",
            dependencies: ["NeedleAdmin", "NeedleCommands", "NeedleServer"],
            swiftSettings: settings
        ),

        // For tests and benchmarks only.
        .target(
            name: "NeedleTesting",
            dependencies: [
                "NeedleTypes", "NeedleNoise", "NeedleWire", "HuJSON", "NeedlePolicy", "NeedleModel", "NeedleStorage",
            ],
            swiftSettings: settings
        ),

        .target(name: "CAllocationCount"),

        .testTarget(name: "NeedleTypesTests", dependencies: ["NeedleTypes", "NeedleTesting"], swiftSettings: settings),
        .testTarget(
            name: "NeedleNoiseTests",
            dependencies: ["NeedleNoise", "NeedleTypes", "NeedleTesting", crypto],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeedleWireTests",
            dependencies: ["NeedleWire", "NeedleTypes", "NeedleTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeedleModelTests",
            dependencies: [
                "NeedleModel", "NeedlePolicy", "NeedleSwarm", "NeedleWire", "NeedleTypes", "NeedleTesting",
                "CAllocationCount",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeedleStorageTests",
            dependencies: ["NeedleTypes", "NeedleWire", "NeedleModel", "NeedleStorage", "NeedleTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeedleStorageSQLiteTests",
            dependencies: [
                "NeedleTypes", "NeedleWire", "NeedleModel", "NeedleStorage", "NeedleStorageSQLite", "NeedleTesting",
                grdb,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeedleTransportTests",
            dependencies: [
                "NeedleTransport", "NeedleTesting", "NeedleNoise", "NeedleModel", "NeedleWire", "NeedleTypes",
                nioEmbedded, nioHPACK, nioHTTP2, nioSSL, logging,
            ] + nio,
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeedleServerTests",
            dependencies: [
                "NeedleServer", "NeedleAdmin", "NeedlePolicy", "NeedleTransport", "NeedleModel", "NeedleTypes",
                "NeedleTesting", "NeedleStorage", "NeedleWire",
                nioEmbedded,
                logging,
            ] + nio,
            swiftSettings: settings
        ),
        .testTarget(name: "TidyTests", swiftSettings: settings),
        .testTarget(
            name: "NeedleAdminTests",
            dependencies: [
                "NeedleAdmin", "NeedlePolicy", "NeedleModel", "NeedleTypes", "NeedleWire", "NeedleTesting", logging,
                serviceLifecycle,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ] + hummingbird,
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeedleCommandsTests",
            dependencies: [
                "NeedleCommands", "NeedleSwarm", "NeedleAdmin", "NeedlePolicy", "NeedleModel", "NeedleTypes",
                "NeedleWire", "NeedleTesting", logging,
                serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["NeedleSwarm", "NeedleWire", "NeedleTypes", "NeedleTesting", "needletail"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "InteropTests",
            dependencies: ["needletail"],
            exclude: ["Client"],
            swiftSettings: settings
        ),
        .testTarget(name: "HuJSONTests", dependencies: ["HuJSON", "NeedleTesting"], swiftSettings: settings),
        .testTarget(
            name: "NeedlePolicyTests",
            dependencies: ["NeedlePolicy", "HuJSON", "NeedleTypes", "NeedleWire", "NeedleTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeedleSwarmTests",
            dependencies: [
                "NeedleSwarm", "NeedleTransport", "NeedleModel", "NeedlePolicy", "NeedleNoise", "NeedleWire",
                "NeedleTypes", "NeedleTesting", "CZstd", logging, nioHPACK, nioSSL,
            ] + nio,
            swiftSettings: settings
        ),
        .testTarget(
            name: "FuzzCorpusTests",
            dependencies: [
                "NeedleTesting", "NeedleTransport", "NeedleNoise", "NeedleWire", "NeedleTypes", "NeedlePolicy",
                "HuJSON", nioHPACK,
            ] + nio,
            swiftSettings: settings
        ),
    ]
)
