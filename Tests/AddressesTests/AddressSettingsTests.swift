// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import Addresses
import ClusterConfiguration
import ConfigurationFormat
import Sockets
import Testing

@Suite struct AddressSettingsTests {
    private static func read(_ text: String) throws -> (AddressSettings, [ConfigurationError]) {
        try AddressSettings.read(
            try Configuration(parsing: Array(text.utf8), source: "d"), ctdbd: nil)
    }

    @Test func withoutAFileAllIsAsTheSchemaSays() throws {
        let (settings, unknown) = try Self.read("")
        #expect(unknown == [])
        #expect(settings == AddressSettings())
        let section = try #require(ConfigurationSchema.daemons.section("ip"))
        let usual = section.settings.compactMap { setting in
            setting.usual.map { "\(setting.name) = \($0)" }
        }
        let (spelled, _) = try Self.read("[ip]\n" + usual.joined(separator: "\n") + "\n")
        #expect(spelled == settings)
    }

    @Test func eachSettingIsRead() throws {
        let (settings, _) = try Self.read(
            """
            [ip]
            run directory = /r
            user ids = 1 2
            algorithm = fewest-moves
            hold off = 20s
            announcements = 5
            announce interval = 500ms
            announce refresh = 0
            connection interval = 2s
            partially online = yes
            left out scripts = 10.interface.script, 13.per_ip_routing
            history file = /h
            history lines = 200

            """)
        #expect(settings.runDirectory == "/r")
        #expect(settings.userIDs == [1, 2])
        #expect(settings.algorithm == .fewestMoves)
        #expect(settings.holdOff == .seconds(20))
        #expect(settings.announcements.repeatCount == 5)
        #expect(settings.announcements.interval == .milliseconds(500))
        #expect(settings.announcements.refresh == nil)
        #expect(settings.connectionInterval == .seconds(2))
        #expect(settings.isPartiallyOnline)
        #expect(settings.leftOutScripts == ["10.interface", "13.per_ip_routing"])
        #expect(settings.historyFile == "/h")
        #expect(settings.historyLines == 200)
    }

    @Test(arguments: [
        "algorithm = best", "hold off = 1s", "announcements = 0", "announcements = x",
        "history lines = 5", "partially online = perhaps", "user ids = root",
    ])
    func aBadValueIsRefused(line: String) {
        #expect(throws: ConfigurationError.self) { try Self.read("[ip]\n\(line)\n") }
    }

    @Test func whatIsNotKnownIsSaid() throws {
        let (_, unknown) = try Self.read("[ip]\nholdoff = 10s\n")
        #expect(unknown.count == 1)
    }

    @Test func addressesAreReadFromTheFolder() throws {
        let scratch = try ScratchDirectory()
        try scratch.write(Array("10.0.0.1\n".utf8), to: "nodes")
        try scratch.write(
            Array("10.1.0.1/24 lo\n10.0.0.1/24 lo\n10.1.0.2/24 none9\n".utf8),
            to: "public_addresses")
        let (settings, _) = try AddressSettings.read(from: scratch.path)
        #expect(settings.addresses.entries.map { "\($0.address)" } == ["10.1.0.1", "10.1.0.2"])
        #expect(settings.addresses.complaints.map(\.line) == [2])
        let doubts = AddressSettings.doubts(about: settings)
        #expect(doubts.contains { $0.contains("no interface none9") })
        #expect(!doubts.contains { $0.contains("no interface lo") })
    }

    @Test func aFileThatCannotBeReadIsNotTakenForAnEmptyOne() throws {
        let scratch = try ScratchDirectory()
        // A folder in its place cannot be read even by root.
        try SocketDirectory.prepare(scratch.file("public_addresses"))
        #expect(throws: ConfigurationError.self) { try AddressSettings.read(from: scratch.path) }
    }
}
