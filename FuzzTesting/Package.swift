// swift-tools-version: 6.2
// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import PackageDescription

// Built by Scripts/fuzz.sh, which also names libFuzzer's archive to the linker.
//
// The targets are the server's own sources, by symbolic links: in one package with them, the fuzzer sees what is
// `package`, and they can be compiled with coverage, which the server's package must not be.
let instrumented: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags([
        "-sanitize=address", "-sanitize-coverage=edge,inline-8bit-counters,pc-table", "-enable-testing",
    ]),
]

let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nio = ["NIOCore", "NIOHTTP1"].map { Target.Dependency.product(name: $0, package: "swift-nio") }

let package = Package(
    name: "needletail-fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibFuzzer"),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .target(name: "CRecordCipher", linkerSettings: [.linkedLibrary("crypto")]),
        .target(name: "NeedleTypes", swiftSettings: instrumented),
        .target(
            name: "NeedleNoise",
            dependencies: [
                "NeedleTypes", "CRecordCipher", "CSodium", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: instrumented
        ),
        .target(name: "NeedleWire", dependencies: ["NeedleTypes"], swiftSettings: instrumented),
        .target(name: "HuJSON", swiftSettings: instrumented),
        .target(
            name: "NeedlePolicy",
            dependencies: ["NeedleTypes", "NeedleWire", "HuJSON"],
            swiftSettings: instrumented
        ),
        // Of NeedleTransport what parses.
        .target(name: "NeedleTransport", dependencies: ["NeedleNoise", nioHPACK] + nio, swiftSettings: instrumented),
        // Of NeedleTesting only the folder Fuzzing.
        .target(
            name: "NeedleTesting",
            dependencies: ["NeedleTypes", "NeedleNoise", "NeedleWire", "HuJSON", "NeedlePolicy"],
            swiftSettings: instrumented
        ),
        .executableTarget(
            name: "needletail-fuzz",
            dependencies: ["CLibFuzzer", "NeedleNoise", "NeedleTesting", "NeedleTransport", nioHPACK] + nio,
            path: "Sources/Fuzz",
            swiftSettings: instrumented,
            linkerSettings: [.unsafeFlags(["-sanitize=address"]), .linkedLibrary("stdc++")]
        ),
    ]
)
