// swift-tools-version: 6.2
// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import PackageDescription

/// The name by which the compiler knows the package above: its folder's, as SwiftPM makes an identifier of it.
///
/// What is measured has `package` access, which ends at the package's border. The benchmarks are a package of their own
/// only so that nobody else resolves their dependencies, so they claim the name of the package above.
let nameOfPackageAbove = {
    let folder = Context.packageDirectory.split(separator: "/").dropLast().last.map(String.init) ?? ""
    let identity = folder.lowercased()
    let identifier = identity.unicodeScalars.map { scalar in
        scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            ? Character(scalar) : "_"
    }
    return (identifier.first?.isNumber == true ? "_" : "") + String(identifier)
}()

let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "needletail", path: ".."),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/google/swift-benchmark.git", exact: "0.1.2"),
    ],
    targets: [
        .executableTarget(
            name: "NeedleBenchmarks",
            dependencies: [
                .product(name: "CZstd", package: "needletail"),
                .product(name: "NeedleBenchmarked", package: "needletail"),
                .product(name: "Benchmark", package: "swift-benchmark"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            packageAccess: false,
            swiftSettings: [
                // The library's global registry of suites is not for Swift 6.
                .swiftLanguageMode(.v5),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .unsafeFlags(["-package-name", nameOfPackageAbove]),
            ]
        )
    ]
)
