// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Presentation
import Testing

@Suite struct JSONReaderTests {
    static func read(_ text: String) throws -> Value { try JSONReader.read(Array(text.utf8)) }

    @Test func valuesAreRead() throws {
        #expect(
            try Self.read(" {\"a\" : [1, -2, 0, 1.5, 2e2], \"b\":{}, \"c\":null,\t\"d\":[]}\n")
                == .object([
                    Field(
                        "a",
                        .list([
                            .number(1 as Int64), .number(-2 as Int64), .number(0 as Int64),
                            .real(1.5),
                            .real(200),
                        ])),
                    Field("b", .object([])), Field("c", .none), Field("d", .list([])),
                ]))
        #expect(try Self.read("[true,false]") == .list([.flag(true), .flag(false)]))
        #expect(try Self.read("18446744073709551615") == .unsigned(.max))
        #expect(try Self.read("-9223372036854775808") == .number(Int64.min))
        #expect(
            try Self.read("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00ß\"")
                == .text("\"\\/\u{8}\u{C}\n\r\tä😀ß"))
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let value = Value.object([
            Field("text", .text("a\u{1}\"\\\n\u{10FFFF}é")), Field("none", .none),
            Field("list", .list([.flag(true), .number(-7 as Int64), .unsigned(.max)])),
        ])
        #expect(try Self.read(JSONText.text(value)) == value)
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1", "[1,", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
        "{a:1}",
        "{\"a\":1,\"a\":2}", "01", "-", "-a", "1.", ".5", "1e", "+1", "nul", "tru", "nulll", "1 2",
        "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u+123\"", "\"\\ud800\"", "\"\\udc00\"",
        "\"\\ud800\\u0041\"", "\"\n\"", "1e999", "'a'", "[1}", "\u{FEFF}1",
    ])
    func otherTextIsRefused(text: String) {
        #expect(throws: JSONReader.Malformed.self) { try Self.read(text) }
    }

    @Test func theLineIsTold() {
        #expect(throws: JSONReader.Malformed(reason: "not a value", line: 3)) {
            try Self.read("[\n1,\nx]")
        }
    }

    @Test func depthAndBytesFromOutsideAreNoTrap() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONReader.Malformed(reason: "too deep", line: 1)) { try Self.read(deep) }
        let text = Array("{\"a\":[1.5e3,\"\\ud83d\\ude00\",null]}".utf8)
        for count in text.indices {
            #expect(throws: JSONReader.Malformed.self) {
                try JSONReader.read(Array(text[..<count]))
            }
            for byte in 0...UInt8.max {
                var damaged = text
                damaged[count] = byte
                _ = try? JSONReader.read(damaged)
            }
        }
        #expect(throws: JSONReader.Malformed.self) { try JSONReader.read([0x22, 0xC3, 0x22]) }
    }
}
