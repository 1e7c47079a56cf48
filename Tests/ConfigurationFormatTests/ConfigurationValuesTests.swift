// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat
import Testing

@Suite struct ConfigurationValuesTests {
    static func one(_ value: String) throws(ConfigurationError) -> Configuration {
        try Configuration(parsing: Array("[s]\nk = \(value)\n".utf8), source: "c")
    }

    @Test func aMissingSettingIsNilUnlessItIsRequired() throws {
        let configuration = Configuration(source: "c")
        #expect(try configuration.bool("k", in: "s") == nil)
        #expect(try configuration.integer("k", in: "s", range: 0...1) == nil)
        #expect(try configuration.byteCount("k", in: "s", range: 0...1) == nil)
        #expect(try configuration.milliseconds("k", in: "s", range: 0...1) == nil)
        let error = #expect(throws: ConfigurationError.self) {
            try configuration.requiredString("k", in: "s")
        }
        #expect(error?.description == "c: k is missing in [s]")
        let empty = #expect(throws: ConfigurationError.self) {
            try Self.one("").requiredString("k", in: "s")
        }
        #expect(empty?.line == 2)
        #expect(try Self.one("v").requiredString("k", in: "s") == "v")
    }

    @Test(arguments: [
        ("true", true), ("Yes", true), ("1", true), ("FALSE", false), ("no", false), ("0", false),
    ])
    func wordsForTrueAndFalse(text: String, expected: Bool) throws {
        #expect(try Self.one(text).bool("k", in: "s") == expected)
    }

    @Test(arguments: [("0", 0), ("-3", -3), ("10", 10)])
    func integers(text: String, expected: Int) throws {
        #expect(try Self.one(text).integer("k", in: "s", range: -3...10) == expected)
    }

    @Test(arguments: [("0", 0), ("4K", 4096), ("1m", 1 << 20), ("2G", 2 << 30), ("17", 17)])
    func sizes(text: String, expected: Int) throws {
        #expect(try Self.one(text).byteCount("k", in: "s", range: 0...(4 << 30)) == expected)
    }

    @Test(arguments: [("250", 250), ("250ms", 250), ("30s", 30_000), ("5min", 300_000)])
    func times(text: String, expected: Int) throws {
        #expect(
            try Self.one(text).milliseconds("k", in: "s", range: 0...300_000)
                == .milliseconds(expected))
    }

    @Test(arguments: [
        "", "maybe", "-4", "11", "1.5", "0x1", "99999999999999999999", "9223372036854775807G",
        "K", "ms", "5 K", "1KK", "-1K", "1e3", "٣",
    ])
    func whatIsNoNumberOrOutsideIsAnErrorInItsLine(text: String) throws {
        let configuration = try Self.one(text)
        var errors: [ConfigurationError] = []
        func collect(_ read: () throws(ConfigurationError) -> Void) {
            do throws(ConfigurationError) { try read() } catch { errors.append(error) }
        }
        collect { () throws(ConfigurationError) in _ = try configuration.bool("k", in: "s") }
        collect { () throws(ConfigurationError) in
            _ = try configuration.integer("k", in: "s", range: -3...10)
        }
        collect { () throws(ConfigurationError) in
            _ = try configuration.byteCount("k", in: "s", range: 0...10)
        }
        collect { () throws(ConfigurationError) in
            _ = try configuration.milliseconds("k", in: "s", range: 0...10)
        }
        #expect(errors.count == 4)
        #expect(errors.allSatisfy { $0.line == 2 })
        #expect(errors.first?.description.contains("k = \(text): expected true, false") == true)
    }
}
