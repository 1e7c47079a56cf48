// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Testing

/// Which room may use which.
@Suite struct TargetTests {
    /// No input or output, no clock, no Foundation.
    static let pure: Set<String> = [
        "Vocabulary", "Bytes", "NetworkWire", "CChecksum", "Checksum", "LegacyWire", "XDR",
        "PeerWire", "MessagingCore", "ProxyCore", "StageCore", "EventCore", "XDRGenerator",
        "Presentation", "ConfigurationFormat", "ClusterConfiguration", "Capture", "Replay",
        "CallbackCore", "ClusterCore",
    ]
    /// What a pure target may use besides: data structures.
    static let pureProducts: Set<String> = ["DequeModule"]
    /// Rooms of daemons: they reach the kernel through Sockets alone.
    static let shell: Set<String> = [
        "DaemonKit", "LegacyClient", "ConfigurationShell", "PeerClient", "ProxyShell",
        "Events", "CaptureShell", "NetworkInterfaces", "Recording", "ReplayShell", "Stages",
        "ctdb-proxyd",
        "ctdb-eventd", "CommandLine", "ctdb", "Callbacks", "ClusterShell", "ctdb-clusterd",
    ]
    /// Names numbers of errors that Sockets has no names for.
    static let excused: Set<String> = ["Sources/DaemonKit/ServiceNotifier.swift"]
    static let platform: Set<String> = ["Foundation", "FoundationEssentials", "Glibc", "Musl"]

    static func imports(_ file: TextFile) -> [String] {
        file.code.flatMap { $0.groups("^(?:[@a-z()]+ )*import ([A-Za-z]+)") }
    }

    @Test func pureTargetsUsePureTargetsOnly() {
        let allowed = Self.pure.union(Self.pureProducts)
        for file in Tree.sources where Self.pure.contains(file.target) {
            let foreign = Self.imports(file).filter { !allowed.contains($0) }
            #expect(foreign.isEmpty, "\(file.path) imports \(foreign)")
        }
        for target in Manifest().targets where Self.pure.contains(target.name) {
            let foreign = target.dependencies.filter { !Self.pure.contains($0) }
            #expect(foreign.isEmpty, "\(target.name) depends on \(foreign)")
        }
    }

    @Test func daemonsReachThePlatformThroughSockets() {
        for file in Tree.sources
        where Self.shell.contains(file.target) && !Self.excused.contains(file.path) {
            let foreign = Self.imports(file).filter(Self.platform.contains)
            #expect(foreign.isEmpty, "\(file.path) imports \(foreign)")
        }
    }

    @Test func aTargetDependsOnlyOnTargetsAboveIt() {
        let manifest = Manifest()
        #expect(manifest.names.count >= 20, "the list of targets was not understood")
        var above: Set<String> = []
        for target in manifest.targets {
            let below = target.dependencies.filter { !above.contains($0) }
            #expect(below.isEmpty, "\(target.name) depends on \(below)")
            above.insert(target.name)
        }
    }

    @Test func everyFolderIsATarget() throws {
        let names = Set(Manifest().names)
        for top in ["Sources", "Tests"] {
            let folder = Tree.root.appendingPathComponent(top).path
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                #expect(names.contains(name), "\(top)/\(name) is not in Package.swift")
            }
        }
    }
}
