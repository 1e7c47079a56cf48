// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import ConfigurationFormat
import Testing
import Vocabulary

@Suite struct ConfiguredAddressesTests {
    static let nodes = NodesFile(parsing: Array("10.0.0.1\n10.0.0.2\n".utf8), file: "nodes")

    static func read(_ file: String?, _ sections: String = "") throws -> ConfiguredAddresses {
        ConfiguredAddresses(
            file: file.map { Array($0.utf8) }, named: "p", nodes: nodes,
            sections: try Configuration(parsing: Array(sections.utf8), source: "d"))
    }

    static func words(_ addresses: ConfiguredAddresses) -> [String] {
        addresses.entries.map {
            "\($0.address)/\($0.prefixLength) \($0.interfaces.joined(separator: ","))"
        }
    }

    @Test func addressesOfTheFileAndOfSectionsAreTakenTogether() throws {
        let found = try Self.read(
            "10.1.0.1/24 eth1,eth2\nfd00::1/64 eth1\n",
            "[addresses b]\ninterfaces = eth3 eth4\naddresses = 10.3.0.1/16, fd00::2/64\n")
        #expect(found.complaints == [])
        #expect(
            Self.words(found) == [
                "10.1.0.1/24 eth1,eth2", "fd00::1/64 eth1", "10.3.0.1/16 eth3,eth4",
                "fd00::2/64 eth3,eth4",
            ])
        #expect(found.fileCount == 2)
        #expect(found.missingInterfaces(among: ["eth1", "eth3"]) == ["eth2", "eth4"])
    }

    @Test func withoutFileAndSectionsThereIsNone() throws {
        let found = try Self.read(nil)
        #expect(found.entries == [] && found.complaints == [])
    }

    @Test(arguments: [
        ("10.1.0.1/33 eth1", "a wrong prefix"), ("10.1.0.1 eth1", "no prefix"),
        ("10.1.0.1/0 eth1", "no bits"), ("fd00::1/129 eth1", "a prefix of IPv4"),
        ("10.0.0.2/24 eth1", "a node's own address"), ("10.1.0.1/24", "no interface"),
        ("10.1.0.1/24 a/b", "no name of an interface"), ("0.0.0.0/8 eth1", "no address"),
        ("10.1.0.1/24 eth1\u{0}", "no text"),
    ])
    func aLineThatCannotBeUsedIsLeftOutAndSaid(line: String, what: String) throws {
        let found = try Self.read("10.1.0.9/24 eth1\n\(line)\n10.1.0.8/24 eth1")
        #expect(Self.words(found) == ["10.1.0.9/24 eth1", "10.1.0.8/24 eth1"], "\(what)")
        #expect(found.complaints.map(\.line) == [2], "\(what)")
        #expect(found.complaints.map(\.severity) == [.error], "\(what)")
    }

    @Test func ofDuplicateLinesTheFirstCounts() throws {
        let found = try Self.read("10.1.0.1/24 eth1\n10.1.0.1/16 eth2\n10.1.0.1/24 eth1\n")
        #expect(Self.words(found) == ["10.1.0.1/24 eth1"])
        #expect(found.complaints.map(\.line) == [2, 3])
    }

    @Test(arguments: [
        ("addresses = 10.1.0.1/24 10.1.0.1/24", "10.1.0.1/24", "already"),
        ("addresses = 10.0.0.1/24", "10.0.0.1/24", "own address"),
        ("addresses = 10.1.0.1/64", "10.1.0.1/64", "prefix"),
        ("addresses = ", "addresses", "none"),
    ])
    func aSectionThatCannotBeUsedIsNamed(line: String, key: String, what: String) throws {
        let found = try Self.read(nil, "[addresses a]\ninterfaces = eth1\n\(line)\n")
        #expect(found.complaints.map(\.key) == [key])
        #expect(found.complaints.first?.what.contains(what) == true)
        #expect(found.complaints.first?.file == "d [addresses a]")
    }

    @Test func aSectionWithoutInterfacesHasNoAddresses() throws {
        let found = try Self.read(nil, "[addresses a]\naddresses = 10.1.0.1/24\n")
        #expect(found.entries == [])
        #expect(found.complaints.map(\.key) == ["interfaces"])
    }

    @Test func anAddressOfTheFileInASectionTooCountsOnce() throws {
        let found = try Self.read(
            "10.1.0.1/24 eth1", "[addresses a]\ninterfaces = eth2\naddresses = 10.1.0.1/24\n")
        #expect(Self.words(found) == ["10.1.0.1/24 eth1"])
        #expect(found.complaints.map(\.key) == ["10.1.0.1/24"])
    }

    @Test func aHundredThousandLinesAreReadAndOneMoreIsRefused() throws {
        let lines = (0...ConfiguredAddresses.limit).map {
            "10.\($0 >> 16).\(($0 >> 8) & 255).\($0 & 255)/8 eth1"
        }
        // The first one, 10.0.0.0, is an address like others; two are the nodes' own.
        let found = try Self.read(
            lines.joined(separator: "\n") + "\n10.200.0.1/8 eth1\n10.200.0.2/8 eth1\n")
        #expect(found.entries.count == ConfiguredAddresses.limit)
        #expect(found.complaints.map(\.what).filter { $0.contains("own address") }.count == 2)
        #expect(found.complaints.last?.what == "there are too many addresses")
        #expect(found.complaints.count == 3)
    }
}
