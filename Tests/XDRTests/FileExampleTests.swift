// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Testing
import XDR

/// Made-up numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// The bytes of a hexadecimal text; white space is passed over.
func bytes(_ hex: String) -> [UInt8] {
    var digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }[...]
    var bytes: [UInt8] = []
    while let high = digits.popFirst(), let low = digits.popFirst() {
        bytes.append(UInt8(high * 16 + low))
    }
    return bytes
}

@Suite struct FileExampleTests {
    /// Source: RFC 4506, section 7, as printed there.
    static let golden = bytes(
        """
        00 00 00 09  length of filename = 9
        73 69 6c 6c  sill
        79 70 72 6f  ypro
        67 00 00 00  g and 3 zero-bytes of fill
        00 00 00 02  filekind is EXEC = 2
        00 00 00 04  length of interpretor = 4
        6c 69 73 70  lisp
        00 00 00 04  length of owner = 4
        6a 6f 68 6e  john
        00 00 00 06  length of file data = 6
        28 71 75 69  (qui
        74 29 00 00  t) and 2 zero-bytes of fill
        """.split(separator: "\n").map { $0.prefix(11) }.joined(separator: " "))

    static let value = File(
        filename: "sillyprog", type: .exec(interpretor: "lisp"), owner: "john",
        data: Array("(quit)".utf8))

    @Test func theExampleIsReadAndWrittenAsTheRFCPrintsIt() throws {
        #expect(Self.golden.count == 48)
        #expect(try File.decode(Self.golden[...]) == Self.value)
        #expect(try Self.value.encoded() == Self.golden)
        #expect(Self.value.byteCount == 48)
    }

    @Test(arguments: 0..<48)
    func everyTruncationIsAnError(count: Int) {
        #expect(throws: WireError.self) { try File.decode(Self.golden[..<count]) }
    }

    @Test func bytesLeftOverAreAnError() {
        #expect(
            throws: WireError(code: .trailingBytes(1), type: "File", field: "end", offset: 48)
        ) { try File.decode((Self.golden + [0])[...]) }
    }

    @Test(arguments: [13, 14, 15, 46, 47])
    func paddingHasToBeZero(index: Int) {
        var changed = Self.golden
        changed[index] = 1
        let error = #expect(throws: WireError.self) { try File.decode(changed[...]) }
        #expect(error?.code == .invalidValue(1))
        #expect(error?.field == (index < 16 ? "filename" : "data"))
    }

    @Test func limitsHoldInBothDirections() {
        var changed = Self.value
        changed.owner = String(repeating: "x", count: 33)
        let error = #expect(throws: WireError.self) { try changed.encoded() }
        #expect(error?.code == .limitExceeded(value: 33, limit: 32))
        #expect(error?.field == "owner")

        var wire = Array(Self.golden[..<28])
        wire += bytes("00 00 00 21") + [UInt8](repeating: 0x78, count: 33) + [0, 0, 0]
        wire += bytes("00 00 00 00")
        #expect(
            throws: WireError(
                code: .limitExceeded(value: 33, limit: 32), type: "File", field: "owner",
                offset: 28)
        ) { try File.decode(wire[...]) }
    }

    @Test func anUnknownDiscriminantIsAnError() {
        var changed = Self.golden
        changed[19] = 9
        let error = #expect(throws: WireError.self) { try File.decode(changed[...]) }
        #expect(error?.code == .invalidValue(9))
        #expect(error?.type == "Filetype")
    }

    @Test func textHasToBeValid() {
        var changed = Self.golden
        changed[4] = 0xFF
        #expect(
            throws: WireError(code: .badString, type: "File", field: "filename", offset: 4)
        ) { try File.decode(changed[...]) }
    }
}
