// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc
import LegacyWire
import MessagingCore
import PeerWire
import Testing
import Vocabulary

extension LaboratoryTests {
    /// Proxies of other releases.
    @Suite @MainActor
    struct Versions {
        private static let current = PeerProtocol.currentVersion

        /// Puts another release in the place of node 2's proxy, and gives what node 0 says of it.
        private func meet(
            _ settings: LinkSettings, state: String, log: String
        ) async throws -> Link.State {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let proxy = try cluster.proxy(2)
            proxy.signal(SIGTERM)
            #expect(try await proxy.end() == 0)
            let fake = try FakeProxy(
                socket: cluster.legacySocket(2), greeting: PNN(rawValue: 0), settings: settings)
            let own = try cluster.proxy(0)
            try await eventually("node 0 says what it has met") {
                let isDone = try fake.talk { own.errors.contains(log) }
                guard isDone else { return false }
                return try await cluster.status(0).peers[2] == state
            }
            fake.close()
            return fake.state
        }

        @Test("with a newer proxy the version that both know is spoken, and that is said")
        func newer() async throws {
            var settings = LinkSettings()
            settings.versionMaximum = Self.current + 9
            settings.software = "newer proxy"
            let state = try await meet(
                settings, state: "up",
                log: "\"newer proxy\" speaks versions 1.0 to 1.9 of the protocol: 1.0 is spoken")
            #expect(state == .up)
        }

        @Test("a proxy that knows no common version is told apart, and that is said")
        func strange() async throws {
            var settings = LinkSettings()
            settings.versionMinimum = Self.current + 0x1_0000
            settings.versionMaximum = Self.current + 0x1_0001
            settings.software = "far proxy"
            let state = try await meet(
                settings, state: "tooOld",
                log: "\"far proxy\" speaks versions 2.0 to 2.1 of the protocol, this one 1.0")
            #expect(state == .tooOld)
        }
    }
}
