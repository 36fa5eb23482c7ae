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

let package = Package(
    name: "needletail",
    targets: [
        .target(name: "NeedleTypes", swiftSettings: settings),
        .target(name: "NeedleTesting", dependencies: ["NeedleTypes"], swiftSettings: settings),
        .testTarget(name: "NeedleTypesTests", dependencies: ["NeedleTypes", "NeedleTesting"], swiftSettings: settings),
    ]
)
