// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
        ("::1", "::1"), ("fd00::1", "fd00::1"), ("FD00:0:0:0:0:0:0:1", "fd00::1"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("1::", "1::"),
        ("::10.0.0.1", "::10.0.0.1"), ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
        ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
    ])
    func textIsRead(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect("\(address)" == canonical)
        #expect(IPAddress(canonical) == address)
    }

    @Test(arguments: [
        "", "10.0.0", "10.0.0.256", "10.0.0.01", "10.0.0.1.", "1.2.3.4.5", "10.0.0.1/24", ":",
        ":::",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "+1::", "fd00::1%eth0",
        ":1::2", "1::2:", "1:2:3:4:5:6:7:8::", "::1.2.3", "1.2.3.4::", "10.0.0.+1",
    ])
    func otherTextIsRefused(text: String) { #expect(IPAddress(text) == nil) }

    @Test func partsAreWhereTheyBelong() {
        #expect(IPAddress("1.2.3.4") == .ipv4(0x0102_0304))
        #expect(
            IPAddress("1:2:3:4:5:6:7:8")
                == .ipv6(high: 0x0001_0002_0003_0004, low: 0x0005_0006_0007_0008))
    }

    @Test(arguments: ["10.1.2.3", "0.0.0.0", "255.255.255.255", "fd00::1", "::10.1.2.3"])
    func octetsAreInNetworkOrder(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.octets.count * 8 == Int(address.bitCount))
        #expect(IPAddress(octets: address.octets) == address)
    }

    @Test func octetsOfNoFamilyAreRefused() {
        #expect(IPAddress(octets: [UInt8]()) == nil)
        #expect(IPAddress(octets: [1, 2, 3, 4, 5]) == nil)
        #expect(IPAddress("1.2.3.4")?.octets == [1, 2, 3, 4])
        #expect(IPAddress("::ffff:1.2.3.4")?.octets.suffix(6) == [255, 255, 1, 2, 3, 4])
    }
}
