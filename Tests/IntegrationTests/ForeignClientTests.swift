// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import LegacyWire
import PeerWire
import Sockets
import Testing
import Vocabulary

extension LaboratoryTests {
    /// Clients of ctdbd, and processes of the node, that mean no good or know no better.
    @Suite @MainActor
    struct ForeignClients {
        @Test("garbage, damaged copies, replays and forgeries disturb nobody")
        func legacyClient() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 0, 1)
            let before = try await cluster.status(1)
            let copied = try ForeignClient.frames(
                passing: cluster.legacySocket(1), count: 40)
            let damaged = copied.flatMap { Self.damaged($0) } + Self.garbage
            let forged = Self.forged(copied)
            for socket in [0, 1] {
                try ForeignClient.send(
                    damaged + forged + copied, to: PNN(rawValue: 1),
                    through: cluster.legacySocket(socket))
            }
            try await eventually("the proxy has counted them") {
                let after = try await cluster.status(1)
                return after["malformed"] >= before["malformed"] + UInt64(damaged.count)
                    && after["forged"] >= before["forged"] + 2
                    && after["refused_frames"] >= before["refused_frames"] + 1
            }
            try await traffic.makesProgress()
            for summary in try await traffic.finish() {
                #expect(summary.keys.sorted() == ["delivered"])
            }
            #expect(try cluster.proxy(1).isRunning)
            #expect(try cluster.proxy(1).errors.contains("refused as forged: "))
        }

        private static let garbage: [[UInt8]] = [
            [], [0], [UInt8](repeating: 0xFF, count: 79), [UInt8](repeating: 0, count: 80),
            Array("TCLF".utf8), Array("TCLF".utf8) + [UInt8](repeating: 0xFF, count: 5_000),
            [UInt8](repeating: 0x54, count: 200_000),
        ]

        /// Copies that are too short, and copies with one bit changed in the envelope.
        private static func damaged(_ frame: [UInt8]) -> [[UInt8]] {
            let lengths = [1, 4, 40, 79, frame.count - 1]
            let bits = [0, 37, 64, 111, 200, 300, 500, 639]
            return lengths.map { Array(frame.prefix($0)) }
                + bits.map { bit in
                    var copy = frame
                    copy[bit / 8] ^= 1 << UInt8(bit % 8)
                    return copy
                }
        }

        /// Envelopes that are whole, but whose sender is not who it says.
        private static func forged(_ copied: [[UInt8]]) -> [[UInt8]] {
            guard let real = copied.lazy.compactMap({ try? Frame.decode($0[...]) }).first else {
                return []
            }
            var stranger = real.header
            stranger.sender.node = PNN(rawValue: 77)
            var daemon = real.header
            daemon.sender.service = .echo
            var astray = real.header
            astray.receiver.node = PNN(rawValue: 2)
            var formerLife = real.header
            formerLife.sender.instance = Instance(rawValue: 4_711)
            formerLife.sequence += 1
            var hello = real.header
            hello.flags = PeerProtocol.frameHello
            let greeting = Hello(
                versionMinimum: PeerProtocol.currentVersion,
                versionMaximum: PeerProtocol.currentVersion, features: 0, nonce: 1, echo: 2,
                frameLimit: PeerProtocol.frameLimit, software: "forger")
            return [stranger, daemon, astray, formerLife].map {
                Frame.encodeFront(
                    header: $0, body: .outcomes([]), packetByteCount: 0, room: 0)
            } + [
                Frame.encodeFront(
                    header: hello, body: .hello(greeting), packetByteCount: 0, room: 100)
            ]
        }

        @Test("a process of another user is not heard, and counted")
        func unauthorised() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let traffic = try await BothWays(cluster, 0, 1)
            let before = try await cluster.status(0)
            let directory = cluster.runDirectory(0)
            let socket = directory + "/proxy.sock"
            let copy = cluster.scratch.file("ctdb-traffic")
            try FileManager.default.copyItem(atPath: Places.traffic, toPath: copy)
            cluster.scratch.setPermissions(0o711)
            try setMode(copy, 0o755)
            try setMode(directory, 0o711)
            try setMode(socket, 0o666)
            let (status, _, errors) = try await cluster.scratch.run(
                "/usr/bin/setpriv",
                [
                    "--reuid", "65534", "--regid", "65534", "--clear-groups", copy, "raw",
                    "--path", socket, "--count", "5",
                ])
            try setMode(socket, 0o600)
            try setMode(directory, 0o700)
            cluster.scratch.setPermissions(0o700)
            #expect(status == 0, "\(errors)")
            try await eventually("the proxy has counted them") {
                try await cluster.status(0)["unauthorised"] == before["unauthorised"] + 5
            }
            #expect(try cluster.proxy(0).errors.contains("uid 65534 may not send"))
            try await traffic.makesProgress(by: 50)
            for summary in try await traffic.finish() {
                #expect(summary.keys.sorted() == ["delivered"])
            }
        }

        @Test("a client that says it is another process is refused")
        func otherPID() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let before = try await cluster.status(0)
            let sender = try DatagramSender(
                connectedTo: cluster.runDirectory(0) + "/proxy.sock")
            let hello = Hello(
                versionMinimum: PeerProtocol.currentVersion,
                versionMaximum: PeerProtocol.currentVersion, features: 0, nonce: 1, echo: 0,
                frameLimit: PeerProtocol.frameLimit, software: "forger")
            for (service, instance) in [
                (Service.client, Instance(pid: 1, number: 1)),
                (Service.proxy, Instance(rawValue: 1)),
            ] {
                let header = FrameHeader(
                    magic: 0, checksum: 0, protocolVersion: PeerProtocol.currentVersion,
                    flags: PeerProtocol.frameHello,
                    sender: Address(node: .current, service: service, instance: instance),
                    receiver: Address(
                        node: .current, service: .proxy, instance: Instance(rawValue: 0)),
                    epoch: 0, acknowledgedEpoch: 0, sequence: 0, acknowledged: 0,
                    packetBytes: 0, outcomeCount: 0)
                let frame = Frame.encodeFront(
                    header: header, body: .hello(hello), packetByteCount: 0, room: 100)
                #expect(sender.send(frame) == .sent)
            }
            #expect(sender.send([1, 2, 3]) == .sent)
            try await eventually("the proxy has counted them") {
                let after = try await cluster.status(0)
                return after["forged"] == before["forged"] + 2
                    && after["malformed"] == before["malformed"] + 1
            }
        }

        private func setMode(_ path: String, _ mode: Int) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
    }
}
