// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat
import DaemonKit
import Sockets
import Testing

@Suite struct ConfigurationTests {
    static func parse(_ text: String) throws(ConfigurationError) -> Configuration {
        try Configuration(parsing: Array(text.utf8), source: "c")
    }

    static func problem(_ text: String) -> ConfigurationError? {
        do {
            _ = try parse(text)
            return nil
        } catch { return error }
    }

    @Test func sectionsSettingsAndCommentsAreRead() throws {
        let configuration = try Self.parse(
            """
            # a comment

            [cluster]
              recovery   lock = /clusterfs/.lock # kept
            \tempty =
            [logging]\r
            location = file:/var/log/x=y\r
            """)
        #expect(
            configuration.string("recovery lock", in: "cluster") == "/clusterfs/.lock # kept")
        #expect(configuration.string("empty", in: "cluster") == "")
        #expect(configuration.string("location", in: "logging") == "file:/var/log/x=y")
        #expect(configuration.string("location", in: "cluster") == nil)
        #expect(configuration.string("location", in: "none") == nil)
    }

    @Test(
        arguments: [
            ("[a]\nb", 2, .notASetting),
            ("[a]\n= b", 2, .notASetting),
            ("\n[a", 2, .badSection),
            ("[]", 1, .badSection),
            ("[", 1, .badSection),
            ("[a]]", 1, .badSection),
            ("a = b", 1, .outsideSection),
            ("[a] x", 1, .badSection),
            ("[a]\nb = \\\n\0", 2, .zeroByte),
            ("[a]\nb = 1\nb = 2", 3, .duplicate("b", first: .init(source: "c", line: 2))),
            ("[a]\nb = 1\n[c]\n[A]\nb = 2", 5, .duplicate("b", first: .init(source: "c", line: 2))),
        ] as [(String, Int, ConfigurationError.Problem)])
    func aWrongLineIsNamed(text: String, line: Int, problem: ConfigurationError.Problem) {
        #expect(
            Self.problem(text) == ConfigurationError(source: "c", line: line, problem: problem))
    }

    @Test func whatIsNotTextIsRefused() {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(parsing: [10, 0x5B, 0xFF, 0x5D], source: "c")
        }
        #expect(error?.problem == .notText)
        #expect(error?.line == 2)
    }

    @Test func unknownNamesAreAllReportedInOrder() throws {
        let configuration = try Self.parse("[a]\nx = 1\ny = 2\n[b]\nx = 3\nz = 1\n[c]\nq = 1")
        let found = configuration.unknownNames(in: ["a": ["y"], "b": ["x"]])
        #expect(
            found.map(\.description) == [
                "c:2: unknown setting x in [a]", "c:6: unknown setting z in [b]",
                "c:7: unknown section [c]",
            ])
        let all: Configuration.Schema = ["a": ["x", "y"], "b": ["x", "z"], "c": ["q"]]
        #expect(configuration.unknownNames(in: all) == [])
    }

    @Test func randomBytesNeverTrap() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("[]=# \n\r\tab\0".utf8)
        for _ in 0..<2000 {
            let count = Int.random(in: 0..<40, using: &generator)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let text = String(decoding: bytes, as: UTF8.self)
            if let error = Self.problem(text) { #expect(error.line != nil) }
        }
    }

    @Test func aFileIsReadAndAMissingOneIsNamed() throws {
        let directory = try ScratchDirectory()
        try directory.write(Array("[a]\nb = c\n".utf8), to: "conf")
        let configuration = try Configuration(readingFrom: directory.file("conf"))
        #expect(configuration.string("b", in: "a") == "c")
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(readingFrom: directory.file("none"))
        }
        guard case .unreadable(let reason, isMissing: true) = error?.problem else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains(directory.file("none")))
    }

    @Test func theFilesOfAFolderAreReadInTheOrderOfTheirNames() throws {
        let directory = try ScratchDirectory()
        try directory.write(Array("[a]\nx = 1\n".utf8), to: "10-first.conf")
        try directory.write(Array("[a]\ny = 2\n".utf8), to: "20-second.conf")
        try directory.write(Array("[a]\nx = 3\n".utf8), to: "old.conf.backup")
        try directory.write(Array("[a\n".utf8), to: ".hidden.conf")
        let configuration = try Configuration(readingFrom: directory.path)
        #expect(configuration.string("x", in: "a") == "1")
        #expect(configuration.string("y", in: "a") == "2")
        try directory.write(Array("[a]\n\nx = 3\n".utf8), to: "15.conf")
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(readingFrom: directory.path)
        }
        #expect(
            error?.description == "\(directory.file("15.conf")):3: x is in "
                + "\(directory.file("10-first.conf")), line 2 already")
    }

    @Test func aFileOfMoreThanTheLimitIsRefused() throws {
        let directory = try ScratchDirectory()
        let line = Array("#23456789abcdef\n".utf8)
        let limit = Configuration.byteLimit
        let full = Array(repeatElement(line, count: limit / line.count).joined())
        try directory.write(full, to: "full")
        _ = try Configuration(readingFrom: directory.file("full"))
        try directory.write(full + [10], to: "more")
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(readingFrom: directory.file("more"))
        }
        guard case .unreadable(let reason, isMissing: false) = error?.problem else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("\(Configuration.byteLimit)"))
    }
}
