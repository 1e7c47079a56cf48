// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkWire
import Testing

@Suite struct NetlinkMessageTests {
    @Test func lengthsThatLieAreErrors() {
        for length in [0, 1, 15, 17, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFF] as [UInt32]
        {
            var writer = ByteWriter(order: .native)
            writer.write(length)
            writer.writeZeros(12)
            #expect(throws: WireError.self, "\(length)") {
                try NetlinkMessage.decodeAll(writer.bytes[...])
            }
        }
    }

    @Test func fillingMayBeMissingAtTheEnd() throws {
        var writer = ByteWriter(order: .native)
        let message = NetlinkMessage(.done, flags: .multipart, sequence: 7, body: [1, 2, 3, 4, 5])
        message.encode(into: &writer)
        #expect(writer.count == message.byteCount)
        #expect(try NetlinkMessage.decodeAll(writer.bytes[...]) == [message])
        #expect(try NetlinkMessage.decodeAll(writer.bytes.dropLast(3)) == [message])
        message.encode(into: &writer)
        #expect(try NetlinkMessage.decodeAll(writer.bytes[...]) == [message, message])
    }
}
