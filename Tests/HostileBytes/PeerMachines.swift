// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import MessagingCore
import PeerWire
import ProxyCore
import Vocabulary

extension Parser {
    /// What an endpoint does with frames: the script is frames, each with its checksums put right.
    ///
    /// For a message in packets room is made for sixteen times the first of them, and what is put
    /// right is a copy.
    static let tunnel = Parser(
        "tunnel", allowance: Allowance(perByte: 24, constant: 1 << 20),
        seeds: { _ in [Script.pieces(PeerTraffic.frames)] },
        decode: { input -> EndpointCore? in
            var script = Script(input)
            var end = PeerTraffic.receiving()
            var time: UInt64 = 1
            _ = end.handle(.started, at: Instant(nanoseconds: time))
            while !script.isAtEnd {
                let frame = PeerTraffic.mended(Array(try script.piece()))
                time += 50_000_000
                let now = Instant(nanoseconds: time)
                _ = end.handle(.frame(frame[...]), at: now)
                _ = end.handle(.turnEnded, at: now)
                _ = end.handle(.wake, at: now)
            }
            return end
        })

    /// What a proxy does with packets of ctdbd and with datagrams: pieces, in turn.
    static let proxy = Parser(
        "proxy", allowance: Allowance(perByte: 8, constant: 1 << 20),
        seeds: { fixtures in
            let attached = attachment(fixtures)
            let messages = PeerTraffic.frames.compactMap { frame in
                try? RequestMessage.encodePacket(
                    srvid: .tunnelNewProtocol, data: [frame[...]], destination: PNN(rawValue: 0))
            }
            return [
                Script.pieces(attached),
                Script.pieces(attached + messages.flatMap { [$0, []] }),
                Script.pieces(attached + PeerTraffic.frames.flatMap { [[], $0] }),
            ]
        },
        decode: { input -> ProxyCore? in
            var script = Script(input)
            var rig = ProxyRig()
            rig.start()
            while !script.isAtEnd {
                rig.takeLegacy(Array(try script.piece()))
                guard !script.isAtEnd else { break }
                rig.takeDatagram(Array(try script.piece()))
            }
            return rig.proxy
        })

    /// What a proxy that attaches itself gets from ctdbd, with nothing in between.
    private static func attachment(_ fixtures: [Fixture]) -> [[UInt8]] {
        var rig = ProxyRig()
        var pieces: [[UInt8]] = []
        rig.start()
        while let asked = rig.asked.first, pieces.count < 100 {
            let reply = fixtures.first {
                $0.opcode == asked.opcode && $0.name.contains("reply-control")
                    && !$0.name.hasSuffix("-received")
            }
            let bytes = reply?.bytes ?? []
            pieces += [bytes, []]
            rig.takeLegacy(bytes)
        }
        return pieces
    }
}

/// A proxy with the questions that it has asked ctdbd.
private struct ProxyRig {
    var proxy = ProxyCore(instance: Instance(rawValue: 33), settings: ProxySettings(), seed: 3)
    var asked: [(reqid: UInt32, opcode: UInt32)] = []
    private var time: UInt64 = 1

    mutating func start() {
        handle(.started)
        handle(.legacyConnected)
    }

    /// Takes a packet; a result belongs to the first question, and the frame in a message is put
    /// right.
    mutating func takeLegacy(_ bytes: [UInt8]) {
        var bytes = bytes
        switch try? LegacyPacket.decode(bytes[...], layout: .native).body {
        case .replyControl?:
            guard !asked.isEmpty else { break }
            var writer = ByteWriter(order: .native, appendingTo: bytes)
            writer.patch(asked.removeFirst().reqid, at: 28)
            bytes = writer.finish()
        case .requestMessage(let message)? where message.srvid == .tunnelNewProtocol:
            let frame = PeerTraffic.mended(Array(message.data))
            bytes =
                (try? RequestMessage.encodePacket(
                    srvid: .tunnelNewProtocol, data: [frame[...]],
                    destination: PNN(rawValue: 0))) ?? bytes
        default: if !asked.isEmpty { asked.removeFirst() }
        }
        handle(.legacyPacket(bytes[...]))
        finishTurn()
    }

    mutating func takeDatagram(_ bytes: [UInt8]) {
        handle(.datagram(PeerTraffic.mended(bytes)[...], pid: 4711))
        finishTurn()
    }

    private mutating func finishTurn() {
        handle(.turnEnded)
        time += 50_000_000
        handle(.wake)
    }

    private mutating func handle(_ event: ProxyCore.Event) {
        for effect in proxy.handle(event, at: Instant(nanoseconds: time)) {
            guard case .sendLegacy(let pieces) = effect,
                let packet = try? LegacyPacket.decode(
                    Array(pieces.joined())[...], layout: .native),
                case .requestControl(let control) = packet.body
            else { continue }
            asked.append((packet.reqid.rawValue, control.opcode.rawValue))
        }
    }
}
