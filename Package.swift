// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error), .treatWarning("DeprecatedDeclaration", as: .warning),
]

extension Target {
    /// One shape for every module, so that the list below reads as the architecture.
    static func module(_ name: String, _ dependencies: [Dependency] = [], resources: [Resource] = []) -> Target {
        .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
    }

    static func tests(_ name: String, _ dependencies: [Dependency] = [], resources: [Resource] = []) -> Target {
        .testTarget(
            name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], resources: resources,
            swiftSettings: strict)
    }
}

let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPCompression = Target.Dependency.product(name: "NIOHTTPCompression", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "ai-coder",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "ai-coder", targets: ["ai-coder"])],
    dependencies: [
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),  // HTTP out
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),  // HTTP in
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),  // dashboard pages
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),  // SQLite
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),  // signatures
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.24.0"),  // the limit for inflated replies
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),  // file descriptors in Workspaces
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),  // child processes
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),  // .ai-coder.yml, .gitlab-ci.yml
    ],
    targets: [
        // 0: leaves
        .module("Secrets"),
        .module("Domain", ["Secrets"]),
        .module("NetworkAddresses", [nioCore, nioPosix]),
        .module("Transport", ["Secrets", "NetworkAddresses", asyncHTTPClient, nioCore, nioHTTP1, nioSSL, nioPosix, nioHTTPCompression, logging]),
        // The system calls that Swift cannot reach: openat2, and the system call filter.
        .target(name: "CConfinement"),
        .module("Workspaces", ["Secrets", "NetworkAddresses", "CConfinement", crypto, subprocess, systemPackage, logging, nioCore, nioPosix]),

        // 1: one outside party each
        .module("SQLiteStore", ["Domain", grdb]),
        .module("GitLabAPI", ["Secrets", "Transport", crypto]),
        .module("LanguageModels", ["Secrets", "Transport", logging]),
        .module("Outbox", ["Domain", "Secrets", "Transport", crypto, logging]),

        // 2: what is decided and done
        .module("TestRuns", ["Domain", "Workspaces", yams]),
        .module(
            "Agent", ["Domain", "Secrets", "LanguageModels", "Workspaces", logging, nioPosix],
            resources: ["analyze", "code", "answer", "reply", "review", "repair", "problem", "compaction"].map {
                .embedInCode("Prompts/\($0).md")
            }),
        .module(
            "WebServer",
            [
                "Domain", "Secrets", "GitLabAPI", hummingbird, hummingbirdCore, mustache, nioCore, nioHTTP1, httpTypes, crypto,
                logging, serviceLifecycle,
            ],
            // In the program itself, so that it is one file to install.
            resources: [
                "app.css", "app.js", "entry.mustache", "foot.mustache", "head.mustache", "names.mustache", "openapi.yaml",
                "problem.mustache", "signin.mustache", "task.mustache", "tasks.mustache",
            ].map { .embedInCode("Resources/\($0)") }),

        // 3: the way of a task
        .module(
            "Pipeline",
            ["Domain", "Secrets", "GitLabAPI", "LanguageModels", "Workspaces", "TestRuns", "Agent", crypto, logging, nioPosix, yams]),

        // Stand-ins that speak the real protocols, for `demo` and for tests.
        .module(
            "Rehearsal",
            [
                hummingbird, hummingbirdCore, serviceLifecycle, asyncHTTPClient, subprocess, systemPackage, crypto, nioCore, nioHTTP1, nioPosix, logging,
                httpTypes,
            ]),

        // 4: the executable
        .executableTarget(
            name: "ai-coder",
            dependencies: [
                "Secrets", "Domain", "Transport", "Workspaces", "SQLiteStore", "GitLabAPI", "LanguageModels", "Outbox",
                "TestRuns", "Agent", "WebServer", "Pipeline", "Rehearsal", configuration, logging, serviceLifecycle, unixSignals, yams, systemPackage,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        .target(
            name: "TestSupport", dependencies: ["Secrets", "Domain", subprocess, systemPackage, nioCore, nioPosix], path: "Tests/TestSupport",
            swiftSettings: strict),
        .tests("Secrets", ["Secrets"]),
        .tests("Domain", ["Domain", "Secrets"]),
        .tests("Transport", ["Transport", "NetworkAddresses", "Secrets", nioCore, nioPosix, nioSSL, subprocess, systemPackage, logging]),
        .tests("Workspaces", ["Workspaces", "CConfinement", "NetworkAddresses", "Secrets", subprocess, systemPackage, nioCore, nioPosix]),
        .tests("SQLiteStore", ["SQLiteStore", "Domain", grdb, subprocess, systemPackage], resources: [.copy("Databases")]),
        .tests("GitLabAPI", ["GitLabAPI", "Secrets", "Transport", "Rehearsal", crypto]),
        .tests("LanguageModels", ["LanguageModels", "Secrets", "Transport", "Rehearsal", logging]),
        .tests("Outbox", ["Outbox", "Domain", "Secrets", "Transport", "SQLiteStore", hummingbird, crypto, nioCore, logging, subprocess]),
        .tests("TestRuns", ["TestRuns", "Domain", "Workspaces", systemPackage]),
        .tests(
            "Fuzz", ["Agent", "Domain", "GitLabAPI", "LanguageModels", "NetworkAddresses", "Secrets", "TestRuns", "Transport", "Workspaces", "ai-coder"],
            resources: [.copy("Corpus")]),
        .tests(
            "Agent", ["Agent", "Domain", "Secrets", "LanguageModels", "Workspaces", logging, systemPackage],
            resources: [.copy("Snapshots")]),
        .tests(
            "WebServer",
            [
                "WebServer", "Domain", "Secrets", "GitLabAPI", "SQLiteStore", hummingbird, hummingbirdTesting, httpTypes, crypto,
                logging, nioCore, nioEmbedded, nioPosix, serviceLifecycle, yams,
            ]),
        .tests(
            "Pipeline",
            [
                "Pipeline", "Domain", "Secrets", "GitLabAPI", "LanguageModels", "Workspaces", "TestRuns", "Agent", "Transport", "SQLiteStore", "Rehearsal",
                logging, systemPackage,
            ], resources: [.copy("Notes/Snapshots")]),
        .tests(
            "Rehearsal", ["Rehearsal", "Transport", asyncHTTPClient, nioCore, nioHTTP1, subprocess, systemPackage, crypto, logging, httpTypes, hummingbird]),
        .tests("Settings", ["ai-coder", "Domain", "Outbox", "Secrets", "Workspaces", logging, systemPackage]),
        .tests(
            "EndToEnd",
            [
                "Rehearsal", "Domain", "Secrets", "GitLabAPI", "Transport", "ai-coder", subprocess, systemPackage, hummingbird, crypto, grdb, logging,
                httpTypes, nioCore,
            ]),
    ]
)
