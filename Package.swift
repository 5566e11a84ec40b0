// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

// The rooms of slack-im, by tier. A room imports only rooms of earlier tiers; rooms of one tier never import each
// other. `scripts/lint` reads this list and every `import` and fails when they disagree.
//
//   1  COpenSSL  CZlib  CBrotli  JSON  Time  Measures
//   2  Signing  Templates  Compression
//   3  Provisioning  Alerts  GitHub  Jobs
//   4  Slack  Store
//   5  StoreSQLite  Connectors  Bot  SlackSimulator
//   6  Work  Web
//   7  SlackIM
//   8  slack-im
//
// Vendor packages stay in one room: GRDB in StoreSQLite, AsyncHTTPClient in Connectors (and the simulator's sender),
// Hummingbird in Web and SlackSimulator (and the control socket of SlackIM), Yams in SlackIM, OpenSSL in Signing, zlib
// and brotli in Compression.

import PackageDescription

let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTP1Types: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let tls: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "slack-im",
    platforms: [.macOS(.v26)],
    products: [.executable(name: "slack-im", targets: ["slack-im"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", .upToNextMinor(from: "2.28.1")),
        .package(url: "https://github.com/swift-server/async-http-client", .upToNextMinor(from: "1.37.0")),
        .package(url: "https://github.com/groue/GRDB.swift", .upToNextMinor(from: "7.10.0")),
        .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
        .package(url: "https://github.com/jpsim/Yams", .upToNextMinor(from: "6.2.2")),
        .package(url: "https://github.com/apple/swift-log", .upToNextMinor(from: "1.16.2")),
        .package(url: "https://github.com/apple/swift-nio", .upToNextMinor(from: "2.101.2")),
        .package(url: "https://github.com/apple/swift-nio-extras", .upToNextMinor(from: "1.35.2")),
        .package(url: "https://github.com/apple/swift-nio-ssl", .upToNextMinor(from: "2.37.6")),
        .package(url: "https://github.com/apple/swift-http-types", .upToNextMinor(from: "1.8.0")),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", .upToNextMinor(from: "2.13.0")),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CBrotli", pkgConfig: "libbrotlidec", providers: [.apt(["libbrotli-dev"])]),
        .target(name: "JSON"),
        .target(name: "Time"),
        .target(name: "Measures"),
        .target(name: "Signing", dependencies: ["COpenSSL"]),
        .target(name: "Templates", dependencies: ["JSON"]),
        .target(name: "Compression", dependencies: ["CZlib", "CBrotli"]),
        .target(name: "Provisioning", dependencies: ["JSON", "Time", "Signing", "Templates"]),
        .target(name: "Alerts", dependencies: ["JSON", "Time", "Signing", "Templates"]),
        .target(name: "GitHub", dependencies: ["JSON", "Signing"]),
        .target(name: "Jobs", dependencies: ["Time", logging, lifecycle]),
        .target(name: "Slack", dependencies: ["JSON", "Time", "Signing", "Provisioning"]),
        .target(name: "Store", dependencies: ["JSON", "Time", "Provisioning", "Jobs"]),
        .target(
            name: "StoreSQLite",
            dependencies: [
                "JSON", "Time", "Store", "Provisioning", "Jobs", logging, .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        .target(
            name: "Connectors",
            dependencies: ["JSON", "Time", "Signing", "Templates", "Provisioning", "Slack", httpClient, tls, logging]
                + nio
        ),
        .target(
            name: "Bot",
            dependencies: ["JSON", "Time", "Signing", "Provisioning", "Alerts", "GitHub", "Jobs", "Slack", "Store"]
        ),
        .target(
            name: "SlackSimulator",
            dependencies: [
                "JSON", "Time", "Signing", hummingbird, httpClient, httpTypes, nioHTTPTypes, logging, lifecycle,
            ] + nio
        ),
        .target(
            name: "Work",
            dependencies: [
                "JSON", "Time", "Signing", "Templates", "Provisioning", "Alerts", "Jobs", "Slack", "Store", "Bot",
                logging, lifecycle,
            ]
        ),
        .target(
            name: "Web",
            dependencies: [
                "JSON", "Time", "Signing", "Compression", "Slack", "Alerts", "GitHub", "Store", "Bot", hummingbird,
                httpTypes, nioHTTPTypes, nioHTTP1Types, logging, lifecycle, tls,
                .product(name: "HummingbirdCore", package: "hummingbird"),
            ] + nio
        ),
        .target(
            name: "SlackIM",
            dependencies: [
                "JSON", "Time", "Signing", "Templates", "Provisioning", "Alerts", "GitHub", "Jobs", "Slack", "Store",
                "StoreSQLite",
                "Connectors", "Bot", "SlackSimulator", "Work", "Web", "Measures", hummingbird, httpClient, httpTypes,
                tls, logging,
                lifecycle,
                .product(name: "Yams", package: "Yams"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ] + nio
        ),
        .executableTarget(name: "slack-im", dependencies: ["SlackIM"]),

        .target(
            name: "TestSupport",
            dependencies: [
                "JSON", "Time", "Provisioning", "Jobs", "Slack", "Store", "StoreSQLite", logging, lifecycle,
            ] + nio,
            path: "Tests/TestSupport"
        ),
        .testTarget(name: "TimeTests", dependencies: ["Time"]),
        .testTarget(name: "MeasuresTests", dependencies: ["Measures"]),
        .testTarget(name: "JSONTests", dependencies: ["JSON"]),
        .testTarget(name: "SigningTests", dependencies: ["Signing"]),
        .testTarget(name: "CompressionTests", dependencies: ["Compression"]),
        .testTarget(name: "GitHubTests", dependencies: ["GitHub", "JSON", "Signing"]),
        .testTarget(name: "TemplatesTests", dependencies: ["Templates", "JSON"]),
        .testTarget(name: "ProvisioningTests", dependencies: ["Provisioning", "JSON", "Time", "Signing", "Templates"]),
        .testTarget(name: "AlertsTests", dependencies: ["Alerts", "JSON", "Signing", "Templates"]),
        .testTarget(name: "JobsTests", dependencies: ["Jobs", "Time", "TestSupport", logging, lifecycle]),
        .testTarget(name: "SlackTests", dependencies: ["Slack", "JSON", "Time", "Signing", "Provisioning"]),
        .testTarget(
            name: "StoreSQLiteTests",
            dependencies: [
                "StoreSQLite", "Store", "TestSupport", "JSON", "Time", "Provisioning", "Jobs", logging,
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "ConnectorsTests",
            dependencies: [
                "Connectors", "TestSupport", "JSON", "Time", "Signing", "Templates", "Provisioning", "Slack",
                httpClient,
                logging,
            ] + nio
        ),
        .testTarget(
            name: "SlackSimulatorTests",
            dependencies: ["SlackSimulator", "JSON", "Signing", hummingbird, httpClient, httpTypes, logging, lifecycle]
                + nio
        ),
        .testTarget(
            name: "BotTests",
            dependencies: [
                "Bot", "SlackSimulator", "TestSupport", "JSON", "Time", "Signing", "Templates", "Provisioning",
                "Alerts",
                "Jobs", "Slack", "Store", "StoreSQLite", logging,
            ]
        ),
        .testTarget(
            name: "WorkTests",
            dependencies: [
                "Work", "Bot", "TestSupport", "JSON", "Time", "Signing", "Templates", "Provisioning", "Alerts", "Jobs",
                "Slack", "Store", "StoreSQLite", logging, lifecycle,
            ]
        ),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "Web", "Bot", "TestSupport", "JSON", "Time", "Signing", "Templates", "Provisioning", "Alerts", "Jobs",
                "Slack", "Store", "StoreSQLite", httpClient, httpTypes, logging, lifecycle, tls,
            ] + nio
        ),
        .testTarget(
            name: "SlackIMTests",
            dependencies: [
                logging, lifecycle, tls, "Web", "SlackIM", "Bot", "Connectors", "JSON", "Time", "Signing", "Templates",
                "Provisioning", "Jobs", "Slack", "Store", "Work", "TestSupport",
            ]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "slack-im", "SlackIM", "SlackSimulator", "TestSupport", "StoreSQLite", "JSON", "Time", httpClient,
                logging,
                lifecycle,
            ] + nio
        ),
    ],
    swiftLanguageModes: [.v6]
)

// The fuzz target has no `main` of its own: only `scripts/fuzz` builds it, with libFuzzer's.
if Context.environment["SLACK_IM_FUZZ"] != nil {
    package.products.append(.executable(name: "slack-im-fuzz", targets: ["slack-im-fuzz"]))
    package.targets.append(
        .executableTarget(
            name: "slack-im-fuzz",
            dependencies: ["JSON", "Signing", "Compression", "Alerts", "GitHub", "Slack", "StoreSQLite"],
            path: "Tests/Fuzz",
            exclude: ["Corpus"]
        )
    )
}

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .strictMemorySafety(),
    ]
    if target.name == "slack-im-fuzz" { target.swiftSettings?.append(.unsafeFlags(["-parse-as-library"])) }
}
