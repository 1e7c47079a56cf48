// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Testing
import XDRGenerator

/// Generates one file called `t.x`.
func generate(_ text: String) throws(GeneratorError) -> String {
    try XDRGenerator.generate([TextFile(name: "t.x", text: text)], namespace: "Constants")[0].text
}

@Suite struct GeneratorErrorTests {
    @Test(arguments: [
        ("const A = ;", "t.x:1:11: error: expected a number or the name of a constant, found ';'"),
        ("const A = 1", "t.x:1:12: error: expected ';', found the end of the file"),
        ("struct a {\n  int b\n};", "t.x:3:1: error: expected ';', found '}'"),
        ("struct a { };", "t.x:1:12: error: expected the name of a type, found '}'"),
        ("struct a { void; };", "t.x:1:12: error: expected a field, found 'void'"),
        (
            "struct a { b c; };",
            "t.x:1:12: error: expected the name of a type, found 'b'"
        ),
        (
            "struct a { int b<LIMIT>; };",
            "t.x:1:18: error: expected the name of a constant, found 'LIMIT'"
        ),
        ("struct a { quadruple b; };", "t.x:1:12: error: 'quadruple' has no type in Swift"),
        (
            "struct a { int b; int b; };",
            "t.x:1:23: error: expected a new name, found 'b' for the second time"
        ),
        (
            "struct a { a *b; };",
            "t.x:1:8: error: expected a type that does not contain itself, found 'a'"
        ),
        (
            "typedef a b; typedef b a;",
            "t.x:1:11: error: expected a type that does not contain itself, found 'b'"
        ),
        (
            "const A = B; const B = A;",
            "t.x:1:7: error: expected a number, found 'A' defined by itself"
        ),
        (
            "const A = 1;\nconst A = 2;",
            "t.x:2:7: error: expected a new name, found 'A', which is taken at t.x:1"
        ),
        (
            "enum a { X = 1 };\nenum b { X = 2 };",
            "t.x:2:10: error: expected a new name, found 'X', which is taken at t.x:1"
        ),
        ("/* abc", "t.x:1:1: error: expected '*/' to end this comment"),
        ("const A = 0x10000000000000000;", nil), ("const A = 0x;", nil), ("const A = 09;", nil),
        ("const A = -;", nil), ("const A = 1a;", nil), ("@", nil), ("program X { } = 1;", nil),
        ("struct a { struct { int c; } b; };", nil), ("struct a { opaque b; };", nil),
        ("struct a { string b[4]; };", nil), ("struct a { int b<-1>; };", nil),
        ("struct a { int b<4294967296>; };", nil), ("struct int { int b; };", nil),
        ("typedef void;", nil), ("typedef opaque e[0]; struct a { e list<>; };", nil),
        ("typedef hyper a[4294967295]; typedef a b[4294967295];", nil),
        ("enum a { X = 4294967296 };", nil), ("enum a { };", nil),
        ("struct string_x { in x; };", nil),
        ("struct string { int x; };", nil), ("struct wire_error { int x; };", nil),
        ("const a_b = 1; const aB = 2;", nil),
        ("union a switch (int b) { };", nil), ("union a switch (float b) { case 1: void; };", nil),
        ("union a switch (int b) { case 1: case 1: void; };", nil),
        ("union a switch (bool b) { case 1: void; };", nil),
        ("enum e { X = 1 }; union a switch (e b) { case Y: void; };", nil),
        ("union a switch (bool b) { case TRUE: case FALSE: void; default: void; };", nil),
        ("/* swift: external b M.T */\ntypedef int a;", nil),
        ("/* swift: external a T */\ntypedef int a;", nil),
        ("/* swift: external a M.T */\nstruct a { int b; };", nil),
        ("/* swift: name 1x */\nstruct a { int b; };", nil),
        ("typedef unsigned int a; const A_LOW = -1;", nil),
    ])
    func badTextIsRefusedWithItsPlace(text: String, description: String?) {
        let error = #expect(throws: GeneratorError.self) { try generate(text) }
        if let description { #expect(error?.description == description) }
        #expect(error?.location.file == "t.x")
    }

    @Test func longChainsDoNotUseUpTheStack() throws {
        let chain = (1...2000).map { "typedef t\($0 - 1) t\($0);" }.joined()
        #expect(try generate("typedef int t0;" + chain).contains("T2000"))
    }

    /// Any text gives Swift or an error; a trap would end the test process.
    @Test(arguments: 0..<30 as Range<UInt64>)
    func mutatedTextGivesSwiftOrAnError(seed: UInt64) {
        var random = SplitMix(state: seed)
        let pieces =
            Array("{}[]<>()=,;:*%#/ \n\"@-0x9é").map(String.init)
            + ["struct", "union", "switch", "case", "default", "enum", "typedef", "void", "opaque"]
            + [
                "string", "unsigned", "hyper", "/*", "*/", "swift: name", "18446744073709551616",
                "a",
            ]
        var refused = 0
        for _ in 0..<60 {
            var text = Array(Self.seedText)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let start = Int.random(in: 0..<text.count, using: &random)
                let end = min(text.count, start + Int.random(in: 0...9, using: &random))
                text.replaceSubrange(start..<end, with: pieces.randomElement(using: &random) ?? "")
            }
            if (try? generate(String(text))) == nil { refused += 1 }
        }
        #expect(refused > 0)
    }

    @Test func everyBeginningOfATextGivesSwiftOrAnError() {
        for count in 0...Self.seedText.count {
            _ = try? generate(String(Self.seedText.prefix(count)))
        }
    }

    static let seedText = """
        %#include "x"
        /* About this. */

        const LIMIT = 0x10; /* A limit. */
        typedef unsigned hyper id;
        const ID_NONE = 0;
        enum kind { KIND_A = 1, KIND_B = LIMIT };
        struct pair { id first; kind second<LIMIT>; string name<>; opaque raw[5]; pair2 *more; };
        typedef struct { float x; double y; bool z; } pair2;
        union u switch (kind k) { case KIND_A: int a; case KIND_B: void; default: pair b; };
        """
}

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
