// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct RequestKeepaliveTests {
    static let hex = """
        28000000 42445443 01000000 14131211 09000000 24232221 34333231 44434241
        54535251 64636261
        """
    static let hexBig = """
        00000028 43544442 00000001 11121314 00000009 21222324 31323334 41424344
        51525354 61626364
        """
    static let body = RequestKeepalive(
        version: 0x5152_5354, uptimeSeconds: 0x6162_6364)

    @Test func bytesAndValueAgree() throws {
        try expectGoldenPacket(.requestKeepalive(Self.body), Self.hex)
        try expectGoldenPacket(.requestKeepalive(Self.body), Self.hex, layout: little32)
        try expectGoldenPacket(.requestKeepalive(Self.body), Self.hexBig, layout: big64)
    }

    // FACTS 6.2: at 32 bytes the receiving ctdbd shuts down, at 33 to 39 it reads past the end.
    @Test(arguments: 32..<40) func aShortOneIsReadAndNotSent(count: Int) throws {
        let short = cut(bytes(Self.hex), to: count)
        let decoded = try LegacyPacket.decode(short[...], layout: little64)
        #expect(decoded.body == .shortKeepalive(short[32...]))
        #expect(decoded.operation == .requestKeepalive)
        expectNotSent(decoded)
    }

    @Test func noneIsSent() {
        expectNotSent(packet(.requestKeepalive(Self.body)))
        expectNotSent(packet(.shortKeepalive([])))
        expectNotSent(packet(.unknown(operation: 9, bytes: [])))
    }

    private func expectNotSent(_ packet: LegacyPacket) {
        #expect(
            throws: WireError(
                code: .invalidValue(9), type: "LegacyPacket", field: "operation", offset: 16)
        ) { try packet.encode(layout: little64) }
    }
}
