// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Testing
import XDRGenerator

@Suite struct PrintingTests {
    @Test func namesAreSpelledAsSwiftSpellsThem() throws {
        let text = try generate(
            """
            struct packet_header { unsigned int payload_length; hyper packet_id; int repeat; };
            enum reply_kind { REPLY_GOOD_ONE = 1, REPLY_SELF = 2, REPLY_2 = 3 };
            """)
        #expect(text.contains("public struct PacketHeader: Hashable, XDRPlain {"))
        #expect(text.contains("public var payloadLength: UInt32"))
        #expect(text.contains("public var packetID: Int64"))
        #expect(text.contains("public var `repeat`: Int32"))
        #expect(text.contains("case goodOne\n"))
        #expect(text.contains("case replySelf\n"))
        #expect(text.contains("case reply2\n"))
    }

    @Test func commentsBecomeDocumentation() throws {
        let text = try generate(
            """
            /* What the file is about. */

            /* Not about the constant. */

            /* How many there may be. Counted from 1,
             * not from 0.
             *
             * And so on. */
            const LIMIT = 3;
            const OTHER = 4; /* behind it */
            """)
        #expect(text.contains("//\n// What the file is about.\n"))
        #expect(
            text.contains(
                """
                    /// How many there may be.
                    ///
                    /// Counted from 1, not from 0.
                    ///
                    /// And so on.
                    public static let limit: UInt32 = 3
                    /// behind it.
                    public static let other: UInt32 = 4
                """))
        #expect(!text.contains("Not about"))
    }

    @Test func constantsOfAnIntegerTypeLieInIt() throws {
        let text = try generate("typedef unsigned int service; const SERVICE_ECHO = 8;")
        #expect(text.contains("    public static let echo = Service(rawValue: 8)\n"))
        #expect(!text.contains("extension Constants"))
    }

    @Test func anExternalTypeIsImportedAndGivenItsEncoding() throws {
        let files = [
            TextFile(name: "a.x", text: "/* swift: external pnn Place.PNN */\ntypedef int pnn;"),
            TextFile(name: "b.x", text: "struct b { pnn node; pnn list<2>; };"),
        ]
        let printed = try XDRGenerator.generate(files, namespace: "Constants")
        #expect(printed.map(\.name) == ["A.generated.swift", "B.generated.swift"])
        #expect(printed[0].text.contains("import Place\n"))
        #expect(printed[0].text.contains("extension PNN: XDRPlain {"))
        #expect(printed[1].text.contains("import Place\n"))
        #expect(printed[1].text.contains("public var list: [PNN]"))
    }

    @Test func linesFitTheFormatter() throws {
        let long = String(repeating: "very_", count: 8) + "long"
        let text = try generate(
            """
            const \(long)_limit = 3;
            struct \(long)_type {
                string \(long)_name<\(long)_limit>;
                int \(long)_list<\(long)_limit>;
            };
            """)
        let lines = text.split(separator: "\n").filter { $0.contains("\"") }
        #expect(lines.allSatisfy { $0.count <= 100 })
    }
}
