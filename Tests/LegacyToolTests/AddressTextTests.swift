// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyTool
import LegacyWire
import Testing

@Suite struct AddressTextTests {
    static let addressesAreReadAndPrintedCases: [(RawText, String)] = [
        ("1.2.3.4", "1.2.3.4"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
        ("::1", "::1"), ("[::1]", "::1"), ("1::", "1::"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"),
        ("FE80::ABCD", "fe80::abcd"), ("2001:db8::192.0.2.1", "2001:db8::c000:201"),
        ("::192.0.2.1", "::192.0.2.1"), ("::c000:201", "::192.0.2.1"), ("::1:2", "::0.1.0.2"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("[::ffff:192.0.2.1]", "192.0.2.1"),
        ("0:0:0:0:0:0:0:0", "::"), ("::1:0:0", "::1:0:0"),
    ]

    @Test(arguments: addressesAreReadAndPrintedCases)
    func addressesAreReadAndPrinted(text: RawText, printed: String) {
        #expect(AddressText.parse(text).map(AddressText.print) == printed)
    }

    static let otherTextIsNoAddressCases: [RawText] = [
        "", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.1000", " 1.2.3.4",
        "1.2.3.4 ",
        "1.2.3.-4", "1..3.4", "1.2.3.", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        "1:2:3:4:5:6:7:8::", "12345::", "g::", ":1::2", "1:", "::1%eth0", "[::1", "::1]",
        "::ffff:c000:201", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "[1.2.3.4]", "localhost",
    ]

    @Test(arguments: otherTextIsNoAddressCases)
    func otherTextIsNoAddress(text: RawText) {
        #expect(AddressText.parse(text) == nil)
    }

    @Test func bytesThatAreNoTextAreNoAddress() {
        #expect(AddressText.parse(RawText(bytes: [0xFF, 0x3A, 0x3A])) == nil)
        #expect(AddressText.parse(RawText(bytes: [0x3A, 0x3A, 0xC3, 0xA9])) == nil)
        // Digits of other scripts are no digits.
        #expect(AddressText.parse("1.2.3.٤") == nil)
        #expect(AddressText.parse("::１") == nil)
    }

    static let portsAreReadAndPrintedCases: [(RawText, String)] = [
        ("1.2.3.4:80", "1.2.3.4:80"), ("[::1]:80", "[::1]:80"), ("::1:80", "[::1]:80"),
        ("1.2.3.4:+80", "1.2.3.4:80"), ("1.2.3.4: 80", "1.2.3.4:80"),
        ("1.2.3.4:65537", "1.2.3.4:1"),
        ("::ffff:1.2.3.4:5", "1.2.3.4:5"),
    ]

    @Test(arguments: portsAreReadAndPrintedCases)
    func portsAreReadAndPrinted(text: RawText, printed: String) {
        #expect(AddressText.parseWithPort(text).map(AddressText.printWithPort) == printed)
    }

    static let otherTextHasNoPortCases: [RawText] = [
        "1.2.3.4", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:8x", "1.2.3.4:-1", "::1", ":80",
        "1.2.3.4:99999999999999999999", "1.2.3.4:80 ",
    ]

    @Test(arguments: otherTextHasNoPortCases)
    func otherTextHasNoPort(text: RawText) {
        #expect(AddressText.parseWithPort(text) == nil)
    }

    @Test func masksAreNumbersOfAnySize() throws {
        let (address, bits) = try #require(AddressText.parseWithMask("10.0.0.1/24"))
        #expect(AddressText.print(address) == "10.0.0.1")
        #expect(bits == 24)
        #expect(AddressText.parseWithMask("::1/200")?.bits == 200)
        #expect(AddressText.parseWithMask("10.0.0.1/4294967297")?.bits == 1)
        #expect(AddressText.parseWithMask("10.0.0.1/") == nil)
        #expect(AddressText.parseWithMask("10.0.0.1") == nil)
        #expect(AddressText.parseWithMask("10.0.0.1/24/") == nil)
    }

    @Test func longTextIsNoAddress() {
        let long = RawText(String(repeating: "0", count: 62) + "::1")
        #expect(AddressText.parse(long) == nil)
        #expect(AddressText.parseWithPort(long) == nil)
    }

    @Test func otherFamiliesHaveNoText() {
        let other = SocketAddress.other(.init(family: 1, bytes: []))
        #expect(AddressText.print(other) == "(null)")
        #expect(AddressText.printWithPort(other) == "(null)")
    }

    @Test func addressesAreOrderedByFamilyThenBytes() {
        let texts: [RawText] = ["::2", "10.0.0.10", "9.0.0.1", "::1", "10.0.0.9"]
        let sorted = texts.compactMap { AddressText.parse($0) }.sorted(by: AddressText.areInOrder)
        #expect(
            sorted.map(AddressText.print)
                == ["9.0.0.1", "10.0.0.9", "10.0.0.10", "::0.0.0.1", "::0.0.0.2"].map {
                    $0.replacing("::0.0.0.", with: "::")
                })
        // The port's bytes lie in network order, and are compared as the machine reads them.
        let low = SocketAddress.ipv4(address: 1, port: 0x0100)
        let high = SocketAddress.ipv4(address: 1, port: 0x0002)
        #expect(AddressText.areInOrder(low, high))
        #expect(!AddressText.areInOrder(high, low))
    }
}
