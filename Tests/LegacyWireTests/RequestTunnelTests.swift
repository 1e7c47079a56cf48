// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Bytes from legacy/oracle, little-endian unless the name says otherwise.
@Suite struct RequestTunnelTests {
    static let hex = """
        38000000 42445443 01000000 14131211 0a000000 24232221 34333231 44434241
        58575655 54535251 64636261 05000000 76616c75 65000000
        """
    static let hexBig = """
        00000038 43544442 00000001 11121314 0000000a 21222324 31323334 41424344
        51525354 55565758 61626364 00000005 76616c75 65000000
        """
    static let body = RequestTunnel(
        tunnel: 0x5152_5354_5556_5758, flags: RequestTunnel.Flags(rawValue: 0x6162_6364),
        data: slice("value"))

    @Test func bytesAndValueAgree() throws {
        try expectGoldenPacket(.requestTunnel(Self.body), Self.hex)
        try expectGoldenPacket(.requestTunnel(Self.body), Self.hex, layout: little32)
        try expectGoldenPacket(.requestTunnel(Self.body), Self.hexBig, layout: big64)
    }

    // FACTS 6.2: ctdbd hands a short one, or one whose length lies, to the tunnel's client.
    @Test func lengthsThatLieAreRefused() {
        let good = bytes(Self.hex)
        for count in 32..<48 { expectRefused(cut(good, to: count), "short: \(count)") }
        expectRefused(patched(good, at: 44, to: 9), "datalen over the rest")
        expectRefused(patched(good, at: 44, to: .max), "datalen of 4 GiB")
    }
}
