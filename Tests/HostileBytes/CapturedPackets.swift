// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import LegacyWire
import Vocabulary

extension Fixture {
    /// What makes packets of a capture be of one kind.
    private struct Kind: Hashable {
        var operation: UInt32
        var opcode: ControlOpcode?
        var srvid: String?
        var isAnswer: Bool

        init(_ legacy: LegacySighting) {
            operation = legacy.packet.body.operation.rawValue
            opcode = legacy.opcode
            srvid = legacy.srvid?.name
            isAnswer = legacy.request != nil || legacy.question != nil
        }
    }

    /// Whether it is a file of packets.
    var isCapture: Bool { name.hasSuffix(".pcapng") || name.hasSuffix(".pcap") }

    /// The first legacy packet of each kind in captures.
    ///
    /// - Parameter fixtures: all fixtures.
    /// - Returns: the packets, each as a fixture of its own.
    public static func packets(ofCapturesIn fixtures: [Fixture]) -> [Fixture] {
        var seen: Set<Kind> = []
        var packets: [Fixture] = []
        for capture in fixtures where capture.isCapture {
            for sighting in capture.sightings {
                guard case .legacy(let legacy) = sighting.content,
                    seen.insert(Kind(legacy)).inserted
                else { continue }
                packets.append(
                    Fixture(
                        name: "captured/\(capture.name)-\(sighting.number)",
                        bytes: Array(legacy.bytes), opcode: legacy.opcode?.rawValue))
            }
        }
        return packets
    }

    /// What is in a capture, as far as it can be read.
    private var sightings: [Sighting] {
        var reader = CaptureFileReader()
        reader.append(bytes[...])
        var decoder = CaptureDecoder()
        while let item = try? reader.next() { decoder.take(item, interfaces: reader.interfaces) }
        decoder.finish()
        var sightings: [Sighting] = []
        while let sighting = decoder.next() { sightings.append(sighting) }
        return sightings
    }
}
