// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DaemonKit
import Logging
import Testing

@Suite struct LogLineTests {
    static func line(
        _ format: LogFormat, _ message: String, _ metadata: Logger.Metadata = [:]
    ) -> String {
        let line = LogLine(
            format, milliseconds: 951_782_400_000, level: .warning, label: "proxy",
            message: message, metadata: metadata)
        return String(decoding: line.bytes, as: UTF8.self)
    }

    @Test func textIsForPeople() {
        #expect(
            Self.line(.text, "peer \"gone\"", ["pnn": "1", "b": "two words", "a": ""])
                == "2000-02-29T00:00:00.000Z warning proxy: peer \"gone\""
                + " a=\"\" b=\"two words\" pnn=1\n")
    }

    @Test func aMessageStaysOneLine() {
        #expect(
            Self.line(.text, "a\nb\u{1B}[31m")
                == "2000-02-29T00:00:00.000Z warning proxy: a\\nb\\u001b[31m\n")
    }

    @Test func jsonIsEscapedAndNested() {
        #expect(
            Self.line(
                .json, "say \"é\\\"\t\u{1}", ["list": ["a", "b\r"], "map": ["k\n": "v"], "n": "1"])
                == #"{"time":"2000-02-29T00:00:00.000Z","level":"warning","logger":"proxy","#
                + #""message":"say \"é\\\"\t\u0001","metadata":{"list":["a","b\r"],"#
                + #""map":{"k\n":"v"},"n":"1"}}"# + "\n")
    }
}
