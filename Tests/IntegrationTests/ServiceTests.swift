// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Sockets
import Testing

extension LaboratoryTests {
    /// The proxy as a daemon of a node: its start, its signals, its manager, its rivals.
    @Suite @MainActor
    struct DaemonLife {
        @Test("a second proxy on another directory says why it goes, and the first one stays")
        func rival() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 0, 1)
            try await traffic.makesProgress()
            let rival = try Child(
                Places.proxy,
                [
                    "--config", cluster.configurationPath(0), "--run-directory",
                    cluster.scratch.file("rival"),
                ], directory: cluster.scratch.path)
            #expect(try await rival.end() == 1)
            #expect(rival.errors.contains("another proxy is attached to the ctdbd of this node"))
            try await traffic.makesProgress()
            for summary in try await traffic.finish() {
                #expect(summary.keys.sorted() == ["delivered"])
            }
        }

        @Test("without ctdbd it waits, says so once, does not spin, and attaches when it comes")
        func waits() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let former = try cluster.proxy(2)
            former.signal(SIGTERM)
            #expect(try await former.end() == 0)
            let link = cluster.scratch.file("later.socket")
            let proxy = try Child(
                Places.proxy,
                ["--config", cluster.configurationPath(2), "--ctdbd-socket", link],
                directory: cluster.scratch.path)
            try await eventually("it waits") { proxy.errors.contains("waiting for ctdbd") }
            let start = proxy.cpuMilliseconds
            let end = ContinuousClock.now + .seconds(3)
            try await eventually("three seconds have passed") { ContinuousClock.now >= end }
            let used = proxy.cpuMilliseconds - start
            print("CPU time over 3 s without ctdbd: \(used) ms")
            #expect(used < 300, "it spins")
            let lines = proxy.errors.split(separator: "\n")
            #expect(lines.count { $0.contains("waiting for ctdbd") } == 1)
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: cluster.legacySocket(2))
            try await eventually("it attaches") {
                proxy.errors.contains("attached to ctdbd as node 2")
            }
            try await cluster.waitForPeers(of: 2)
            proxy.signal(SIGTERM)
            #expect(try await proxy.end() == 0)
        }

        @Test("SIGHUP changes the log level, and a bad file changes nothing")
        func reload() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let proxy = try cluster.proxy(0)
            try cluster.writeConfiguration(0, level: "loud")
            proxy.signal(SIGHUP)
            try await eventually("the error is told") {
                proxy.errors.contains("the configuration has an error")
            }
            // The notice that a file was read is written with the level of that very file.
            try cluster.writeConfiguration(0, level: "error")
            proxy.signal(SIGHUP)
            let before = try await cluster.status(0)["frames_to_local"]
            try await eventually("the proxy has gone on") {
                try await cluster.status(0)["frames_to_local"] > before
            }
            #expect(!proxy.errors.contains("the configuration was read again"))
            try cluster.writeConfiguration(0, level: "info")
            proxy.signal(SIGHUP)
            try await eventually("the configuration was read again") {
                proxy.errors.contains("the configuration was read again")
            }
            proxy.signal(SIGUSR1)
            try await eventually("the counters are logged") {
                proxy.errors.contains("frames_from_nodes=")
            }
            try await cluster.waitForPeers(of: 0)
        }

        @Test("the service manager hears that it serves, lives, reloads and stops")
        func notifications() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            try await cluster.proxy(2).kill()
            let manager = try DatagramSocket(boundTo: cluster.scratch.file("notify"))
            var told: [String] = []
            func hears(_ text: String) async throws {
                var scratch = [UInt8](repeating: 0, count: 4_096)
                try await eventually("the manager hears \(text)") {
                    while case .datagram(let bytes, _) = manager.receive(into: &scratch) {
                        told.append(String(decoding: bytes, as: UTF8.self))
                    }
                    return told.contains { $0.hasPrefix(text) }
                }
            }
            let proxy = try cluster.startProxy(
                2,
                environment: [
                    "NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "200000",
                ])
            try await hears("READY=1")
            try await hears("STATUS=serving node 2")
            told.removeAll()
            try await hears("WATCHDOG=1")
            proxy.signal(SIGHUP)
            try await hears("RELOADING=1\nMONOTONIC_USEC=")
            try await hears("READY=1")
            proxy.signal(SIGTERM)
            #expect(try await proxy.end() == 0)
            try await hears("STOPPING=1")
        }
    }
}
