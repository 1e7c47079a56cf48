// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationFormat
import DaemonKit
import Foundation
import ProxyShell
import Testing

@Suite struct ProxyConfigurationTests {
    static func read(
        _ text: String
    ) throws(ConfigurationError) -> (ProxyConfiguration, unknown: [ConfigurationError]) {
        try ProxyConfiguration.read(
            try Configuration(parsing: Array(text.utf8), source: "c"))
    }

    @Test func anEmptyFileGivesTheDefaults() throws {
        let (settings, unknown) = try Self.read("")
        #expect(settings == ProxyConfiguration())
        #expect(unknown == [])
        #expect(settings.runDirectory == "/run/ctdb/tablecloth")
        #expect(settings.legacySocket == "/run/ctdb/ctdbd.socket")
        #expect(settings.logLevel == .notice)
        #expect(settings.logFormat == .text)
        #expect(settings.userIDs == [])
        #expect(!settings.realtimeScheduling)
    }

    @Test func everySettingIsRead() throws {
        let (settings, unknown) = try Self.read(
            """
            [logging]
                level = debug
                format = json
            [proxy]
                run directory = /run/other
                ctdbd socket = /run/other.socket
                user ids = 7, 8 9
                realtime scheduling = yes
                held limit = 2M
                normal window = 128K
                urgent window = 65536
                detached timeout = 1min
                drain timeout = 250ms
            """)
        #expect(unknown == [])
        #expect(settings.logLevel == .debug)
        #expect(settings.logFormat == .json)
        #expect(settings.runDirectory == "/run/other")
        #expect(settings.legacySocket == "/run/other.socket")
        #expect(settings.userIDs == [7, 8, 9])
        #expect(settings.realtimeScheduling)
        for links in [settings.proxy.nodeLinks, settings.proxy.localLinks] {
            #expect(links.heldLimit == 2 << 20)
            #expect(links.normalWindow == 128 << 10)
            #expect(links.urgentWindow == 65_536)
        }
        #expect(settings.proxy.detachedMilliseconds == 60_000)
        #expect(settings.proxy.drainMilliseconds == 250)
    }

    @Test(arguments: [
        ("logging", "level", "loud"), ("logging", "level", ""), ("logging", "format", "xml"),
        ("proxy", "user ids", "root"), ("proxy", "user ids", "-1"),
        ("proxy", "user ids", "4294967296"), ("proxy", "realtime scheduling", "maybe"),
        ("proxy", "held limit", "1023K"), ("proxy", "held limit", "1025M"),
        ("proxy", "held limit", "much"), ("proxy", "normal window", "65535"),
        ("proxy", "normal window", "65M"), ("proxy", "urgent window", "1"),
        ("proxy", "urgent window", "-64K"), ("proxy", "detached timeout", "99ms"),
        ("proxy", "detached timeout", "2h"), ("proxy", "detached timeout", "61min"),
        ("proxy", "drain timeout", "soon"), ("proxy", "drain timeout", "99999999999999999999s"),
    ])
    func aWrongValueIsNamedWithItsLine(section: String, setting: String, value: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try Self.read("# a comment\n[\(section)]\n\n  \(setting) = \(value)\n")
        }
        #expect(error?.line == 4)
        guard case .badValue(let found, let name, _) = error?.problem else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found == value)
        #expect(name == setting)
        #expect(error?.description.hasPrefix("c:4: \(setting) = \(value): expected ") == true)
    }

    @Test func whatIsNotKnownIsReportedAndTheRestIsRead() throws {
        let (settings, unknown) = try Self.read(
            "[proxy]\nheld limits = 1M\ndrain timeout = 1s\n[elsewhere]\nx = 1\n[logging]\n"
                + "levels = a"
        )
        #expect(settings.proxy.drainMilliseconds == 1_000)
        #expect(
            unknown.map(\.description) == [
                "c:2: unknown setting held limits in [proxy]; did you mean held limit?",
                "c:4: unknown section [elsewhere]",
                "c:7: unknown setting levels in [logging]; did you mean level?",
            ])
    }

    static let given = [
        "program": "/bin/true", "on": "node", "addresses": "10.0.0.1/24", "interfaces": "eth0",
    ]

    @Test func theSchemaHasWhatIsReadAndItsUsualValues() throws {
        var text = ""
        for section in ConfigurationSchema.daemons.sections {
            text += "[\(section.name)]\n"
            // What has no usual value must be given.
            for setting in section.settings {
                text += "\(setting.name) = \(setting.usual ?? Self.given[setting.name] ?? "")\n"
            }
        }
        let (settings, unknown) = try Self.read(text)
        #expect(settings == ProxyConfiguration())
        #expect(unknown == [])
        #expect(ConfigurationCheck().folder([("c", Array(text.utf8))]) == [])
    }

    // MARK: The shipped file

    static func shipped() throws -> String {
        try String(
            contentsOf: URL(fileURLWithPath: #filePath)
                .deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
                .appendingPathComponent("Sources/ctdb-proxyd/ctdb-proxyd.conf"), encoding: .utf8)
    }

    static let settings = [
        "level", "format", "run directory", "ctdbd socket", "user ids", "realtime scheduling",
        "held limit", "normal window", "urgent window", "detached timeout", "drain timeout",
    ]

    @Test func theShippedFileSetsNothing() throws {
        let (settings, unknown) = try Self.read(try Self.shipped())
        #expect(settings == ProxyConfiguration())
        #expect(unknown == [])
    }

    @Test func theShippedFileNamesEverySettingWithItsDefault() throws {
        let text = try Self.shipped()
        let all = text.replacingOccurrences(of: "\n#\t", with: "\n\t")
        let file = try Configuration(parsing: Array(all.utf8), source: "c")
        for name in Self.settings {
            let section = ["level", "format"].contains(name) ? "logging" : "proxy"
            #expect(file.string(name, in: section) != nil, "\(name)")
        }
        let (settings, unknown) = try ProxyConfiguration.read(file)
        #expect(settings == ProxyConfiguration())
        #expect(unknown == [])
    }

    @Test(arguments: settings)
    func eachSettingOfTheShippedFileAloneIsTheDefault(name: String) throws {
        let text = try Self.shipped()
        let one = text.replacingOccurrences(of: "\n#\t\(name) =", with: "\n\t\(name) =")
        #expect(one != text)
        let (settings, unknown) = try Self.read(one)
        #expect(settings == ProxyConfiguration())
        #expect(unknown == [])
    }
}
