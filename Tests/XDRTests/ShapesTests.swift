// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Testing
import XDR

@Suite struct ShapesTests {
    static let plain = Plain(in: 7, ratio: 1.5, precise: -2, flag: true)
    static let value = EveryShape(
        number: -1, size: 2, word: 3, count: -4, writer: 5, answer: Answer(value: true),
        colour: .colourSelf, reading: .freezing, digest: Digest(value: [1, 2, 3, 4, 5]),
        raw: [6, 7, 8], blob: Blob(value: [9]),
        labels: Labels(value: [Label(value: ""), Label(value: "é")]),
        readings: Readings(value: [.freezing]), triple: [1, -2, 3], maybe: plain, warmth: nil,
        many: [plain])

    /// Written by hand from RFC 4506, section 4.
    static let golden = bytes(
        """
        ffffffff 00000002 00000003 fffffffffffffffc 0000000000000005 00000001
        fffffff9 fffffeef 0102030405 000000 060708 00
        00000001 09 000000
        00000002 00000000 00000002 c3a9 0000
        00000001 fffffeef
        00000001 fffffffe 00000003
        00000001 0000000000000007 3fc00000 c000000000000000 00000001
        00000000
        00000001 0000000000000007 3fc00000 c000000000000000 00000001
        """)

    @Test func everyShapeIsReadAndWritten() throws {
        #expect(try Self.value.encoded() == Self.golden)
        #expect(try EveryShape.decode(Self.golden[...]) == Self.value)
        #expect(Self.value.byteCount == Self.golden.count)
        #expect(EveryShape.minimumByteCount == 88)
    }

    @Test func everyTruncationIsAnError() {
        for count in Self.golden.indices {
            #expect(throws: WireError.self) { try EveryShape.decode(Self.golden[..<count]) }
        }
    }

    @Test func arraysOfFixedLengthNeedThatLength() {
        var changed = Self.value
        changed.triple = [1, 2]
        let error = #expect(throws: WireError.self) { try changed.encoded() }
        #expect(error?.code == .invalidValue(2))
        #expect(error?.field == "triple")
        #expect(throws: WireError.self) { try Digest(value: [1, 2, 3, 4]).encoded() }
        #expect(throws: WireError.self) { try Blob(value: [1, 2, 3, 4]).encoded() }
    }

    @Test(arguments: [2, 3, 0x100, 0xFFFF_FFFF] as [UInt32])
    func booleansAreZeroOrOne(word: UInt32) {
        #expect(
            throws: WireError(
                code: .invalidValue(UInt64(word)), type: "Answer", field: "value", offset: 0)
        ) { try Answer.decode(word.encoded()[...]) }
    }

    @Test func enumerationsKeepNumbersWithoutAName() throws {
        #expect(try Colour.decode(bytes("00000001")[...]) == .red)
        #expect(Colour.default == .red)
        let unknown = try Colour.decode(bytes("80000000")[...])
        #expect(unknown == .unknown(.min))
        #expect(unknown.encoded() == bytes("80000000"))
    }

    @Test(arguments: [
        (ByNumber.caseMinus1(pair: 5), "ffffffff 00000005"), (.case2(pair: 6), "00000002 00000006"),
        (.shapesLimit, "00000003"),
        (.other(4, rest: Label(value: "a")), "00000004 00000001 61000000"),
    ])
    func aUnionOverIntegers(value: ByNumber, hex: String) throws {
        #expect(try value.encoded() == bytes(hex))
        #expect(try ByNumber.decode(bytes(hex)[...]) == value)
        #expect(value.byteCount == bytes(hex).count)
    }

    @Test func aUnionWithoutDefaultRefusesOtherLabels() {
        let error = #expect(throws: WireError.self) {
            try ByUnsigned.decode(bytes("00000001")[...])
        }
        #expect(error?.code == .invalidValue(1))
    }

    @Test func unionsOverOtherTypes() throws {
        #expect(try ByFlag.whenTrue(value: 3).encoded() == bytes("00000001 00000003"))
        #expect(try ByFlag.decode(bytes("00000000")[...]) == .whenFalse)
        let ice = ByTemperature.temperatureFreezing(ice: [1, 2])
        #expect(try ByTemperature.decode(bytes("fffffeef 00000001 00000002")[...]) == ice)
        #expect(try ByColour.red(shade: [1, 2]).encoded() == bytes("00000001 01020000"))
    }

    @Test func theDefaultDoesNotStandForALabel() {
        #expect(throws: WireError.self) {
            try ByNumber.other(3, rest: Label(value: "")).encoded()
        }
        #expect(throws: WireError.self) {
            try ByColour.other(.unknown(1), anything: 0).encoded()
        }
        #expect(throws: WireError.self) { try ByTemperature.other(.freezing).encoded() }
    }

    /// What decodes has exactly one encoding, so reading and writing give the same bytes again.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func mutatedBytesGiveAnErrorOrTheSameBytes(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var accepted = 0
        for _ in 0..<1000 {
            var changed = Self.golden
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                changed[Int.random(in: changed.indices, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            guard let value = try? EveryShape.decode(changed[...]) else { continue }
            accepted += 1
            #expect(try value.encoded() == changed)
            #expect(value.byteCount == changed.count)
        }
        #expect(accepted > 0)
    }
}

@Suite struct ReaderLimitTests {
    @Test func aListIsNotBelievedBeyondTheBytesThatAreLeft() {
        var reader = ByteReader(bytes("ffffffff 00000001 00000002")[...], order: .big)
        let error = #expect(throws: WireError.self) {
            let _: [UInt64] = try reader.readXDRArray(limit: .max, "list", of: "T")
        }
        #expect(error?.code == .limitExceeded(value: 0xFFFF_FFFF, limit: 1))
        #expect(error?.offset == 0)
    }

    @Test func anArrayOfFixedLengthIsNotBelievedEither() {
        var reader = ByteReader(bytes("00000001")[...], order: .big)
        let error = #expect(throws: WireError.self) {
            let _: [UInt32] = try reader.readXDRArray(count: .max, "list", of: "T")
        }
        #expect(error?.code == .truncated(needed: 4 * Int(UInt32.max), available: 4))
    }

    @Test(arguments: ["ffffffff", "fffffffd 61", "00000004 616263", "00000001 61"])
    func textIsNotBelievedBeyondTheBytesThatAreLeft(hex: String) {
        var reader = ByteReader(bytes(hex)[...], order: .big)
        #expect(throws: WireError.self) {
            try reader.readXDRString(limit: .max, "text", of: "T")
        }
        reader = ByteReader(bytes(hex)[...], order: .big)
        #expect(throws: WireError.self) {
            try reader.readXDROpaque(limit: .max, "bytes", of: "T")
        }
    }

    @Test(arguments: [(0, 0), (1, 3), (2, 2), (3, 1), (4, 0), (5, 3)])
    func paddingFillsToAMultipleOfFour(count: Int, padding: Int) {
        #expect(XDRSize.padding(count) == padding)
        #expect(XDRSize.padded(count) == count + padding)
    }

    @Test func primitivesRoundTrip() throws {
        var random = SplitMix(state: 1)
        for _ in 0..<100 {
            let word = random.next()
            #expect(try UInt64.decode(word.encoded()[...]) == word)
            #expect(UInt64(xdr: word.encoded().span) == word)
            let signed = Int64(bitPattern: word)
            #expect(try Int64.decode(signed.encoded()[...]) == signed)
            let small = Int32(truncatingIfNeeded: word)
            #expect(Int32(xdr: small.encoded().span) == small)
            let float = Float(bitPattern: UInt32(truncatingIfNeeded: word))
            #expect(try Float.decode(float.encoded()[...]).bitPattern == float.bitPattern)
            let double = Double(bitPattern: word)
            #expect(try Double.decode(double.encoded()[...]).bitPattern == double.bitPattern)
        }
    }
}
