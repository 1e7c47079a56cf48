// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

let layout = LegacyLayout(byteOrder: .little, wordSize: .bits64)
let database = DatabaseID(rawValue: 0x1112_1314)
let key = Array("some key".utf8)[...]
let data = Array("some data".utf8)[...]

/// The numbers that no count of a few bytes is.
let lies: [UInt32] = [0x1000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, .max]

/// Good bytes of which some lie.
struct Lying {
    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A packet.
    init(_ body: LegacyPacket.Body) throws {
        bytes = try LegacyPacket(
            generation: Generation(rawValue: 7), destination: PNN(rawValue: 1),
            source: PNN(rawValue: 0), reqid: Reqid(rawValue: 9), body: body
        ).encodeAsSeen(layout: layout)
    }

    /// A number at a place.
    func with(_ number: UInt32, at offset: Int) -> [UInt8] {
        var writer = ByteWriter(order: layout.byteOrder, appendingTo: bytes)
        writer.patch(number, at: offset)
        return writer.finish()
    }

    /// Cut short, with a header that agrees.
    func cut(to count: Int) -> [UInt8] {
        Lying(Array(bytes.prefix(count))).with(UInt32(count), at: 0)
    }
}

/// Neither reader of packets takes the bytes for one.
func expectNoPacket(
    _ bytes: [UInt8], _ comment: Comment = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(throws: WireError.self, comment, sourceLocation: sourceLocation) {
        try LegacyPacket.decode(bytes[...], layout: layout)
    }
    #expect(throws: WireError.self, comment, sourceLocation: sourceLocation) {
        try WholePacket.decode(bytes[...], layout: layout)
    }
}

/// A packet is refused when it is shorter than `fixed`, and when a length is over what is left.
///
/// The body has data in each counted part; the lengths are at `counts`, and of two a sum is tried
/// that 32 bits cannot hold.
func expectCountsAreChecked(
    _ body: LegacyPacket.Body, fixed: Int, counts: [Int],
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let good = try Lying(body)
    #expect(
        try LegacyPacket.decode(good.bytes[...], layout: layout).body == body,
        sourceLocation: sourceLocation)
    for count in 32..<fixed {
        expectNoPacket(good.cut(to: count), "\(count) bytes", sourceLocation: sourceLocation)
    }
    for offset in counts {
        let rest = UInt32(good.bytes.count - fixed)
        for number in [rest + 1] + lies {
            expectNoPacket(
                good.with(number, at: offset), "\(number) at \(offset)",
                sourceLocation: sourceLocation)
        }
    }
    guard counts.count == 2 else { return }
    for (first, second) in [(0xFFFF_FFF0, 0x20), (0x20, 0xFFFF_FFF0), (0x8000_0000, 0x8000_0008)] {
        let lying = Lying(good.with(UInt32(first), at: counts[0]))
        expectNoPacket(
            lying.with(UInt32(second), at: counts[1]), "\(first) + \(second)",
            sourceLocation: sourceLocation)
    }
}

/// The data is no question of a control.
func expectNoRequest(
    _ opcode: ControlOpcode, _ data: [UInt8], _ comment: Comment = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(throws: WireError.self, comment, sourceLocation: sourceLocation) {
        try ControlRequest.decode(
            from: RequestControl(opcode: opcode, data: data[...]), layout: layout)
    }
}

/// The data is no answer to a control.
func expectNoReply(
    to opcode: ControlOpcode, _ data: [UInt8], _ comment: Comment = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(throws: WireError.self, comment, sourceLocation: sourceLocation) {
        try ControlReply.decode(
            from: ReplyControl(status: 0, data: data[...]), to: opcode, layout: layout)
    }
}

/// The bytes are no value of a type.
func expectNone<Value: LegacyCoding>(
    _ type: Value.Type, _ bytes: [UInt8], _ comment: Comment = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(throws: WireError.self, comment, sourceLocation: sourceLocation) {
        try Value.decode(bytes[...], layout: layout)
    }
}

/// A list, with its elements at its end, is refused when its count is more than they are.
func expectCountIsChecked<List: LegacyCoding>(
    of list: List, at offset: Int, count: UInt32,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let good = try list.encoded(layout: layout)
    let exact = try List.decode(good[...], layout: layout)
    #expect(exact == list, sourceLocation: sourceLocation)
    expectNone(
        List.self, Array(good.dropLast()), "one byte less", sourceLocation: sourceLocation)
    for number in [count + 1] + lies {
        expectNone(
            List.self, Lying(good).with(number, at: offset), "\(number)",
            sourceLocation: sourceLocation)
    }
}
