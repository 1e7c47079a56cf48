// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Checksum
import MessagingCore
import PeerWire
import Vocabulary
import XDR

/// Good frames and values of the new protocol, and frames whose checksums are put right.
enum PeerTraffic {
    static let sender = Service(rawValue: 0x7001)
    static let receiver = Service(rawValue: 0x7002)
    private static let step: UInt64 = 1_000_000

    /// The end that receives; always the same, so that what was recorded once fits again.
    static func receiving() -> EndpointCore {
        EndpointCore(
            service: receiver, instance: Instance(rawValue: 22), settings: EndpointSettings(),
            seed: 2)
    }

    /// What one end sends to another: a greeting, messages in several packets, a stream.
    static let frames: [[UInt8]] = conversation()
    /// The packets in them.
    static let packets: [[UInt8]] = frames.compactMap { bytes in
        guard let frame = try? Frame.decode(bytes[...]), !frame.packets.isEmpty else { return nil }
        return Array(frame.packets)
    }

    private static func conversation() -> [[UInt8]] {
        var ends = [
            EndpointCore(
                service: sender, instance: Instance(rawValue: 11), settings: EndpointSettings(),
                seed: 1),
            receiving(),
        ]
        var time: UInt64 = 0
        var sent: [[UInt8]] = []
        var waiting: [(to: Int, bytes: [UInt8])] = []
        func handle(_ end: Int, _ event: EndpointCore.Event) {
            time += step
            let now = Instant(nanoseconds: time)
            for event in [event, .turnEnded] {
                for effect in ends[end].handle(event, at: now) {
                    guard case .transmit(_, let outgoing) = effect else { continue }
                    let bytes = Array(outgoing.pieces.joined())
                    waiting.append((1 - end, bytes))
                    if end == 0 { sent.append(bytes) }
                }
            }
        }
        func settle() {
            var rounds = 0
            while !waiting.isEmpty, rounds < 200 {
                rounds += 1
                let (end, bytes) = waiting.removeFirst()
                handle(end, .frame(bytes[...]))
            }
        }
        handle(0, .started)
        handle(1, .started)
        settle()
        let address = Address(
            node: .current, service: receiver, instance: Instance(rawValue: 0))
        for (token, size) in [3, 70_000, 0].enumerated() {
            let outbound = Outbound(
                token: UInt64(token) + 1, to: address, kind: token == 1 ? .message : .request,
                lane: token == 2 ? .urgent : .normal, procedure: 1,
                payload: [UInt8](repeating: 0x41, count: size)[...], timeoutMilliseconds: 1_000)
            handle(0, .send(outbound))
            settle()
        }
        handle(0, .closing)
        settle()
        return sent
    }

    /// A frame, and the packets in it, with magic numbers, versions and checksums put right.
    static func mended(_ frame: [UInt8]) -> [UInt8] {
        guard let header = try? FrameHeader.decode(frame[..<min(frame.count, 80)]),
            frame.count >= 80
        else { return frame }
        let packetByteCount = min(Int(header.packetBytes), frame.count - 80)
        let front = Array(frame.dropLast(packetByteCount))
        var writer = ByteWriter(order: .big, appendingTo: front)
        writer.patch(PeerProtocol.frameMagic, at: 0)
        writer.patch(UInt32(packetByteCount), at: 72)
        let checksum = CRC32C.checksum(of: writer.bytes[...], zeroingField: 4)
        writer.patch(checksum, at: 4)
        return writer.finish() + mendedPackets(Array(frame.suffix(packetByteCount)))
    }

    private static func mendedPackets(_ bytes: [UInt8]) -> [UInt8] {
        var rest = bytes[...]
        var result: [UInt8] = []
        let size = Int(PeerProtocol.packetHeaderBytes)
        while rest.count >= size {
            guard let header = try? PacketHeader.decode(rest.prefix(size)) else { break }
            let padded = (Int(header.payloadLength) + 3) & ~3
            var writer = ByteWriter(
                order: .big, appendingTo: Array(rest.prefix(size + min(padded, rest.count))))
            writer.patch(PeerProtocol.packetMagic, at: 0)
            writer.patch(PeerProtocol.currentVersion, at: 8)
            writer.patch(CRC32C.checksum(of: writer.bytes[...], zeroingField: 4), at: 4)
            let packet = writer.finish()
            result += packet
            rest = rest.dropFirst(packet.count)
        }
        return result + rest
    }

    /// Bytes that are a value of a type, found by trying.
    static func value<Value: XDRCodable>(of type: Value.Type, choice: UInt32) -> [UInt8]? {
        let candidates: [UInt32] = [choice, 0, 1, 2, 3, 4, 0x6100_0000]
        var tried: [Int] = []
        for _ in 0..<10_000 {
            let bytes = tried.flatMap { index -> [UInt8] in
                var writer = ByteWriter(order: .big)
                writer.write(candidates[index])
                return writer.finish()
            }
            do {
                _ = try Value.decode(bytes[...])
                return bytes
            } catch {
                if case .truncated = error.code {
                    tried.append(0)
                } else if case .trailingBytes = error.code {
                    tried.removeLast()
                } else {
                    let place = min(max(0, error.offset / 4), tried.count - 1)
                    guard place >= 0 else { return nil }
                    // An error may be told behind the word that is to blame.
                    let blamed =
                        tried[place] + 1 < candidates.count || place == 0 ? place : place - 1
                    tried[blamed] = (tried[blamed] + 1) % candidates.count
                }
            }
        }
        return nil
    }
}
