// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Capture
import LegacyWire
import Vocabulary

let little64 = LegacyLayout(byteOrder: .little, wordSize: .bits64)
let big64 = LegacyLayout(byteOrder: .big, wordSize: .bits64)

let nodeA = Endpoint(address: .ipv4(0x0A00_0001), port: 40_000)
let nodeB = Endpoint(address: .ipv4(0x0A00_0002), port: 4379)
let nodeA6 = Endpoint(address: .ipv6(high: 0xFD00 << 48, low: 1), port: 40_000)
let nodeB6 = Endpoint(address: .ipv6(high: 0xFD00 << 48, low: 2), port: 4379)

/// Messages of different lengths, each with a reqid of its own.
func messages(_ count: Int, layout: LegacyLayout = little64, size: Int = 50) throws -> [[UInt8]] {
    try (0..<count).map { number in
        let data = [UInt8](repeating: UInt8(number & 0xFF), count: number % size)
        return try LegacyPacket(
            destination: PNN(rawValue: 1), source: PNN(rawValue: 0),
            reqid: Reqid(rawValue: UInt32(number)),
            body: .requestMessage(RequestMessage(srvid: SrvID(rawValue: 7), data: data[...]))
        ).encode(layout: layout)
    }
}

/// An IPv4 packet with a TCP segment from A to B.
func segment(
    _ sequence: UInt32, _ payload: ArraySlice<UInt8>, flags: UInt8 = 0x10,
    acknowledgement: UInt32 = 1, isReversed: Bool = false
) -> [UInt8] {
    let (source, destination) = isReversed ? (nodeB, nodeA) : (nodeA, nodeB)
    var writer = ByteWriter(order: .big)
    writer.write(UInt16(0x4500))
    writer.write(UInt16(40 + payload.count))
    writer.write(UInt32(0x0000_4000))
    writer.write(UInt32(0x4006_0000))
    writer.write(UInt32(truncatingIfNeeded: source.address.low))
    writer.write(UInt32(truncatingIfNeeded: destination.address.low))
    writer.write(source.port)
    writer.write(destination.port)
    writer.write(sequence)
    writer.write(acknowledgement)
    writer.write(UInt16(0x5000) | UInt16(flags))
    writer.writeZeros(6)
    writer.write(contentsOf: payload)
    return writer.finish()
}

/// What is found in packets of one link type, each a millisecond after the one before.
func sightings(
    _ packets: [[UInt8]], _ type: LinkType = .raw, step: Int64 = 1_000_000
) -> (sightings: [Sighting], counts: CaptureDecoder.Counts) {
    var decoder = CaptureDecoder()
    var found: [Sighting] = []
    var time = CaptureTime(nanoseconds: 0)
    for packet in packets {
        let raw = RawPacket(time: time, interface: 0, bytes: packet[...])
        decoder.take(.packet(raw), interfaces: [CaptureInterface(linkType: type)])
        while let sighting = decoder.next() { found.append(sighting) }
        time = time.advanced(by: step)
    }
    decoder.finish()
    while let sighting = decoder.next() { found.append(sighting) }
    return (found, decoder.counts)
}

/// What tests compare of sightings: reqids of packets, and gaps.
enum Found: Equatable {
    case reqid(UInt32)
    case gap(missing: Int, unused: Int)
    case other
}

func found(_ sightings: [Sighting]) -> [Found] {
    sightings.map { sighting in
        switch sighting.content {
        case .legacy(let legacy): .reqid(legacy.packet.reqid.rawValue)
        case .gap(let missing, let unused): .gap(missing: missing, unused: unused)
        default: .other
        }
    }
}

func found(_ packets: [[UInt8]], step: Int64 = 1_000_000) -> [Found] {
    found(sightings(packets, step: step).sightings)
}

/// Numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
