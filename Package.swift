// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PackageDescription

/// Every target is compiled in Swift 6 mode, with strict memory safety, and without warnings.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// A library target in the house style.
func room(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [])
    -> Target
{
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

/// An executable: it parses, configures and runs.
func program(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [])
    -> Target
{
    .executableTarget(
        name: name, dependencies: dependencies + [arguments], exclude: exclude,
        swiftSettings: strict)
}

/// The tests of a room, or of several together.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let messaging: [Target.Dependency] = [
    "MessagingCore", "PeerWire", "XDR", "Bytes", "Vocabulary",
]

// A target depends only on targets listed above it: the list is the map of the house.
let package = Package(
    name: "tablecloth",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        // Pure: no input or output, no clock, no Foundation.
        room("Vocabulary"),
        room("Bytes"),
        .target(name: "CChecksum"),
        room("Checksum", ["CChecksum"]),
        room("LegacyWire", ["Vocabulary", "Bytes"]),
        room("XDR", ["Bytes"]),
        room(
            "PeerWire", ["Vocabulary", "Bytes", "Checksum", "XDR"],
            exclude: ["Protocol", "Wireshark", "README.md"]),
        room("MessagingCore", ["Vocabulary", "Bytes", "XDR", "PeerWire", deque]),
        room(
            "ProxyCore",
            ["Vocabulary", "Bytes", "LegacyWire", "XDR", "PeerWire", "MessagingCore", deque]),
        room("StageCore", ["Vocabulary", "Bytes", "XDR", "PeerWire"]),
        room("NetworkWire", ["Vocabulary", "Bytes"]),
        room("CallbackCore", ["Vocabulary", "Bytes", "XDR", "PeerWire"]),
        room("AddressCore", ["Vocabulary"]),
        room(
            "AddressDaemonCore",
            ["Vocabulary", "Bytes", "LegacyWire", "XDR", "PeerWire", "StageCore", "AddressCore"]),
        room(
            "ClusterCore",
            ["Vocabulary", "Bytes", "LegacyWire", "PeerWire", "StageCore"]),
        room("Presentation", exclude: ["README.md"]),
        room("EventCore", ["Vocabulary", "Bytes", "LegacyWire", "Presentation", deque]),
        room("XDRGenerator"),
        room("ConfigurationFormat"),
        room("ClusterConfiguration", ["Vocabulary", "LegacyWire", "ConfigurationFormat"]),

        room(
            "Capture",
            ["Vocabulary", "Bytes", "Checksum", "LegacyWire", "XDR", "PeerWire", deque]),
        room("Replay", ["Vocabulary", "Bytes", "LegacyWire", "Capture"]),

        // Shell: the kernel behind plain types, and what runs a core.
        .target(name: "CLinux"),
        room("Sockets", ["CLinux", "Vocabulary"]),
        room("CaptureShell", ["Capture", "Sockets"]),
        room("NetworkInterfaces", ["Vocabulary", "Bytes", "NetworkWire", "Sockets"]),
        room("DaemonKit", ["Sockets", "Vocabulary", "ConfigurationFormat", logging]),
        room("LegacyClient", ["Vocabulary", "Bytes", "LegacyWire", "Sockets"]),
        .target(name: "Clibtdb", linkerSettings: [.linkedLibrary("tdb")]),
        room("TrivialDatabase", ["Clibtdb"]),
        room(
            "DatabaseClient",
            [
                "Vocabulary", "Bytes", "LegacyWire", "Sockets", "LegacyClient", "TrivialDatabase",
            ]),
        room(
            "ConfigurationShell",
            [
                "Vocabulary", "LegacyWire", "ConfigurationFormat", "ClusterConfiguration",
                "Sockets", "LegacyClient",
            ]),
        room(
            "Administration",
            ["Vocabulary", "Bytes", "NetworkWire", "LegacyWire", "Sockets", "LegacyClient"]),
        room(
            "LegacyTool",
            [
                "Vocabulary", "Bytes", "LegacyWire", "Sockets", "LegacyClient", "Administration",
                "TrivialDatabase", "DatabaseClient",
            ]),
        room(
            "PeerClient",
            ["Vocabulary", "Bytes", "XDR", "PeerWire", "MessagingCore", "Sockets"]),
        room(
            "Stages",
            [
                "Vocabulary", "Bytes", "LegacyWire", "XDR", "PeerWire", "MessagingCore",
                "StageCore", "ConfigurationFormat", "ClusterConfiguration", "Sockets",
                "DaemonKit", "LegacyClient", "DatabaseClient", "PeerClient",
            ]),
        room(
            "AddressShell",
            [
                "Vocabulary", "Bytes", "LegacyWire", "XDR", "PeerWire", "MessagingCore",
                "StageCore", "AddressCore", "ConfigurationFormat", "Sockets", "LegacyClient",
                "TrivialDatabase", "DatabaseClient", "PeerClient", "Stages",
            ]),
        room(
            "Recording",
            [
                "Vocabulary", "Bytes", "LegacyWire", "XDR", "PeerWire", "MessagingCore",
                "Presentation", "Capture", "Sockets", "CaptureShell", "PeerClient",
            ]),
        room(
            "ReplayShell",
            [
                "Vocabulary", "LegacyWire", "Capture", "Replay", "Sockets", "CaptureShell",
                "LegacyClient",
            ]),
        room(
            "Callbacks",
            [
                "Vocabulary", "Bytes", "XDR", "PeerWire", "CallbackCore", "Presentation",
                "ConfigurationFormat", "ClusterConfiguration", "Sockets",
            ]),
        room(
            "ClusterShell",
            [
                "Vocabulary", "Bytes", "XDR", "PeerWire", "MessagingCore", "StageCore",
                "CallbackCore", "ClusterCore", "ConfigurationFormat", "ClusterConfiguration",
                "Sockets", "DaemonKit", "LegacyClient", "PeerClient", "Stages", "Callbacks",
                logging,
            ]),
        .target(name: "Clibedit", linkerSettings: [.linkedLibrary("dl")]),
        room("Console", ["Clibedit"]),
        room(
            "ProxyShell",
            [
                "Vocabulary", "PeerWire", "MessagingCore", "ProxyCore", "ConfigurationFormat",
                "ClusterConfiguration", "Sockets", "DaemonKit", "LegacyClient", "PeerClient",
                logging,
            ]),

        room(
            "CommandLine",
            [
                "Vocabulary", "Bytes", "LegacyWire", "XDR", "PeerWire", "MessagingCore",
                "Presentation", "ConfigurationFormat", "ClusterConfiguration", "Sockets",
                "LegacyClient", "AddressCore", "EventCore", "AddressShell", "ConfigurationShell",
                "Administration", "LegacyTool", "TrivialDatabase", "DatabaseClient", "PeerClient",
                "StageCore", "Stages", "CallbackCore", "Console", "Capture",
                "CaptureShell", "Replay", "Recording", "ReplayShell",
            ]),
        room(
            "Events",
            [
                "Vocabulary", "Bytes", "LegacyWire", "XDR", "PeerWire", "MessagingCore",
                "StageCore", "EventCore", "ConfigurationFormat", "ClusterConfiguration",
                "Sockets", "DaemonKit", "LegacyClient", "PeerClient", "Stages",
            ]),
        room(
            "Addresses",
            [
                "Vocabulary", "Bytes", "LegacyWire", "XDR", "PeerWire", "MessagingCore",
                "StageCore", "NetworkWire", "AddressCore", "AddressDaemonCore", "EventCore",
                "Presentation", "ConfigurationFormat", "ClusterConfiguration", "Sockets",
                "NetworkInterfaces", "DaemonKit", "LegacyClient", "AddressShell", "PeerClient",
                "Stages", "Events", logging,
            ]),

        room(
            "BenchKit",
            [
                "Vocabulary", "Bytes", "LegacyWire", "PeerWire", "MessagingCore", "Sockets",
                "NetworkInterfaces", "PeerClient",
            ]),

        // Programs.
        .executableTarget(
            name: "ctdb", dependencies: ["CommandLine", "Console"], exclude: ["Generated"],
            swiftSettings: strict),
        program("xdrgen", ["XDRGenerator"]),
        program(
            "ctdb-proxyd",
            [
                "ProxyShell", "PeerClient", "PeerWire", "Vocabulary", "MessagingCore",
                "ConfigurationFormat", "DaemonKit", "Sockets", logging,
            ], exclude: ["ctdb-proxyd.service", "ctdb-proxyd.conf", "ctdb-proxyd.8"]),
        program(
            "ctdb-clusterd",
            ["ClusterShell", "ConfigurationFormat", "DaemonKit", "Sockets", logging],
            exclude: [
                "ctdb-clusterd.service", "ctdb-clusterd.conf", "ctdb-clusterd.8", "callbacks",
            ]),
        program(
            "ctdb-eventd", ["Events", "ConfigurationFormat", "Sockets", "Stages"],
            exclude: [
                "ctdb-eventd.service", "ctdb-eventd.conf", "ctdb-eventd.8", "ctdb.service.d.conf",
            ]),
        program(
            "ctdb-ipd",
            ["Addresses", "ConfigurationFormat", "DaemonKit", "Sockets", logging],
            exclude: ["ctdb-ipd.service", "ctdb-ipd.conf", "ctdb-ipd.8"]),
        program(
            "ctdb-bench", ["BenchKit", "LegacyWire", "PeerWire", "Sockets", "Vocabulary"]),
        // A tool of the tests; not for users.
        program(
            "ctdb-traffic",
            ["PeerClient", "PeerWire", "MessagingCore", "Sockets", "Vocabulary", "Checksum"]),

        // Test support: simulated clock, network and ctdbd; never linked into a product.
        .target(
            name: "Simulation",
            dependencies: [
                "Vocabulary", "Bytes", "LegacyWire", "XDR", "PeerWire", "MessagingCore",
                "ProxyCore", "StageCore", "AddressCore", "AddressDaemonCore",
            ],
            path: "Tests/Simulation", swiftSettings: strict),
        // Runs simulated worlds in an optimised build; not for users.
        .executableTarget(
            name: "ctdb-simulate", dependencies: ["Simulation", arguments],
            path: "Tests/ctdb-simulate", swiftSettings: strict),

        // The old spelling alone, to be compared with the installed tool; not for users.
        .executableTarget(
            name: "ctdb-legacy", dependencies: ["LegacyTool", "Sockets"],
            path: "Tests/ctdb-legacy", swiftSettings: strict),
        // Works on records beside the legacy tool; not for users.
        .executableTarget(
            name: "ctdb-records",
            dependencies: [
                "DatabaseClient", "LegacyClient", "LegacyWire", "Sockets", "Vocabulary", arguments,
            ], path: "Tests/ctdb-records", swiftSettings: strict),
        // Takes part in the stages, and does nothing else; not for users.
        .executableTarget(
            name: "ctdb-participant",
            dependencies: ["Stages", "StageCore", "PeerClient", "PeerWire", "Sockets", arguments],
            path: "Tests/ctdb-participant", swiftSettings: strict),
        // Test support: states of clusters, and what must be true of their addresses.
        .target(
            name: "AddressStates", dependencies: ["Vocabulary", "AddressCore"],
            path: "Tests/AddressStates", swiftSettings: strict),
        // Deals out addresses in such states in an optimised build; not for users.
        .executableTarget(
            name: "ctdb-allocate",
            dependencies: ["Vocabulary", "AddressCore", "AddressStates", arguments],
            path: "Tests/ctdb-allocate", swiftSettings: strict),
        // Test support: readers of bytes from outside, and what must be true of them.
        .target(
            name: "HostileBytes",
            dependencies: [
                "Vocabulary", "Bytes", "Checksum", "LegacyWire", "XDR", "PeerWire",
                "MessagingCore", "ProxyCore", "ConfigurationFormat", "ClusterConfiguration",
                "Capture", "Console", "NetworkWire", "NetworkInterfaces", "CommandLine",
            ],
            path: "Tests/HostileBytes", swiftSettings: strict),
        .target(name: "CHostileBytes", path: "Tests/CHostileBytes"),
        // Gives them fixtures made to lie, or what libFuzzer makes up; not for users.
        .executableTarget(
            name: "ctdb-mutate",
            dependencies: ["HostileBytes", "CHostileBytes", "Sockets", arguments],
            path: "Tests/ctdb-mutate", exclude: ["fuzz"], swiftSettings: strict),

        // Tests mirror their targets.
        tests("VocabularyTests", ["Vocabulary"]),
        tests("BytesTests", ["Bytes"]),
        tests("ChecksumTests", ["Checksum", "CChecksum"]),
        tests("XDRTests", ["XDR", "Bytes"], exclude: ["Protocol"]),
        tests("XDRGeneratorTests", ["XDRGenerator"]),
        tests(
            "PeerWireTests",
            ["PeerWire", "LegacyWire", "Checksum", "XDR", "Bytes", "Vocabulary"],
            exclude: ["Interop"]),
        tests("LegacyWireTests", ["LegacyWire", "Vocabulary", "Bytes"]),
        tests("MessagingCoreTests", messaging),
        tests("ProxyCoreTests", messaging + ["ProxyCore", "LegacyWire"]),
        tests("StageCoreTests", ["StageCore", "PeerWire", "Bytes", "XDR", "Vocabulary"]),
        tests("CallbackCoreTests", ["CallbackCore", "PeerWire", "Vocabulary"]),
        tests(
            "ClusterCoreTests",
            ["ClusterCore", "LegacyWire", "PeerWire", "StageCore", "Vocabulary"]),
        tests("EventCoreTests", ["EventCore", "LegacyWire", "Vocabulary"]),
        tests(
            "AddressCoreTests", ["AddressCore", "AddressStates", "Vocabulary"],
            exclude: ["Scenarios"]),
        tests(
            "SimulationTests",
            ["Simulation", "Sockets", "PeerWire", "MessagingCore", "Vocabulary"]),
        tests(
            "RecordingTests",
            [
                "Recording", "Capture", "CaptureShell", "LegacyWire", "PeerWire", "MessagingCore",
                "PeerClient", "Sockets", "Vocabulary", "Bytes",
            ]),
        tests(
            "HostileBytesTests",
            ["HostileBytes", "LegacyWire", "PeerWire", "Sockets", "Bytes", "Vocabulary"]),
        tests("OracleTests", ["LegacyWire", "Vocabulary", "Bytes"]),
        tests("SocketsTests", ["Sockets", "Vocabulary"]),
        tests("NetworkWireTests", ["NetworkWire", "Vocabulary", "Bytes"]),
        tests(
            "NetworkInterfacesTests",
            [
                "NetworkInterfaces", "NetworkWire", "Sockets", "CLinux", "Vocabulary", "Bytes",
            ]),
        tests("DaemonKitTests", ["DaemonKit", "Sockets", "Vocabulary", logging]),
        tests(
            "AdministrationTests", ["Administration", "LegacyWire", "NetworkWire", "Vocabulary"]),
        tests(
            "LegacyToolTests",
            ["LegacyTool", "DatabaseClient", "LegacyWire", "Sockets", "Vocabulary"]),
        tests("TrivialDatabaseTests", ["TrivialDatabase", "Sockets"]),
        tests(
            "DatabaseClientTests",
            ["DatabaseClient", "TrivialDatabase", "LegacyWire", "Sockets", "Vocabulary", "Bytes"]),
        tests(
            "ReplayTests",
            [
                "Replay", "ReplayShell", "Capture", "LegacyClient", "LegacyWire", "Sockets",
                "Vocabulary", "Bytes",
            ]),
        tests(
            "CaptureTests",
            [
                "Capture", "CaptureShell", "LegacyWire", "PeerWire", "Sockets", "Bytes",
                "Vocabulary",
            ]),
        tests("ConfigurationFormatTests", ["ConfigurationFormat", "DaemonKit", "Sockets"]),
        tests(
            "ClusterConfigurationTests",
            [
                "ClusterConfiguration", "ConfigurationFormat", "ConfigurationShell",
                "LegacyWire", "Sockets", "Vocabulary",
            ]),
        tests(
            "ProxyShellTests",
            [
                "ProxyShell", "ProxyCore", "ConfigurationFormat", "ClusterConfiguration",
                "DaemonKit", "Vocabulary", logging,
            ]),
        tests("PresentationTests", ["Presentation"]),
        tests("ConsoleTests", ["Console"]),
        tests(
            "CommandLineTests",
            [
                "CommandLine", "Presentation", "Capture", "CaptureShell", "LegacyClient",
                "LegacyTool", "LegacyWire", "XDR", "PeerWire", "MessagingCore", "PeerClient",
                "Sockets", "AddressShell", "Stages",
                "StageCore", "TrivialDatabase", "Vocabulary",
            ]),
        tests(
            "AddressDaemonCoreTests",
            [
                "AddressDaemonCore", "AddressCore", "LegacyWire", "PeerWire", "StageCore",
                "Vocabulary",
            ]),
        tests(
            "AddressesTests",
            ["Addresses", "AddressCore", "ClusterConfiguration", "ConfigurationFormat", "Sockets"]),
        tests(
            "EventsTests",
            [
                "Events", "EventCore", "LegacyWire", "XDR", "PeerWire", "MessagingCore",
                "PeerClient", "Sockets", "DaemonKit", "Vocabulary",
            ]),
        tests(
            "CallbacksTests",
            [
                "Callbacks", "CallbackCore", "PeerClient", "PeerWire", "MessagingCore", "Sockets",
                "Vocabulary",
            ]),
        tests("ConventionTests", []),
        // Runs the programs against the distribution's ctdbd.
        tests(
            "IntegrationTests",
            [
                "Capture", "CaptureShell", "ctdb", "ctdb-proxyd", "ctdb-traffic", "ctdb-records",
                "CLinux", "Vocabulary",
                "Bytes", "LegacyWire", "PeerWire", "MessagingCore", "Sockets", "LegacyClient",
                "ClusterConfiguration", "ConfigurationShell", "AddressCore", "AddressShell",
                "AddressStates", "ctdb-eventd",
            ]),
    ]
)
