// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkInterfaces
import NetworkWire
import Sockets
import Testing
import Vocabulary

/// Everything that needs namespaces.
@Suite(.serialized, .enabled(if: Host.isPossible, Host.reason))
enum NamespaceTests {}

extension NamespaceTests {
    @Suite struct NetworkControlTests {
        let host: Host
        let peer: Host
        let bench: Bench

        init() throws {
            host = try Host()
            peer = try Host()
            try Host.connect(host, "eth0", peer, "eth0")
            bench = try Bench(host)
        }

        @Test func whatIsThereIsRead() throws {
            try host.ip("address add 10.1.0.1/24 dev eth0")
            try bench.turn("an address") { [self] in
                bench.reports.contains {
                    if case .change(.address(let found)) = $0 {
                        return "\(found.place)" == "10.1.0.1/24 dev eth0"
                    }
                    return false
                }
            }
            // Another one that starts later finds the same.
            let second = try Bench(host)
            try second.turn("link-local addresses") { second.control.table.addresses.count == 4 }
            try Bench.turn([bench, second], "the same") { [self] in
                second.control.table == bench.control.table
            }
            let eth0 = try #require(second.control.table.interface(named: "eth0"))
            #expect(eth0.kind == "veth")
            #expect(eth0.isUp && eth0.hasCarrier)
            let said = try host.ip("-o link show dev eth0")
            #expect(said.contains("link/ether \(try #require(eth0.hardwareAddress))"))
        }

        @Test func addressesAreAddedAsIpDoes() throws {
            let places = [
                try place("10.1.0.1"), try place("10.1.0.2", 32), try place("fd00::1", 64),
                try place("10.1.0.3", on: "eth7"), try place("10.1.0.4", 33),
            ]
            let outcomes = try bench.add(places)
            #expect(outcomes.prefix(4) == [.done, .done, .done, .noInterface])
            guard case .failed(let error) = outcomes[4] else {
                Issue.record("\(outcomes[4])")
                return
            }
            #expect(error.errno == SystemError.invalidArgument)
            let mine = try host.ip("-o address show dev eth0")
            #expect(mine.contains("inet 10.1.0.1/24 brd 10.1.0.255 scope global eth0"))
            #expect(mine.contains("inet 10.1.0.2/32 scope global eth0"))
            #expect(mine.contains("inet6 fd00::1/64 scope global nodad"))
            // The kernel has it, and so has the table by the time of the completion.
            #expect(bench.control.table[places[0]]?.isUsable == true)
            #expect(bench.control.table[places[2]]?.isUsable == true)
            #expect(try bench.add([places[0]]) == [.unchanged])

            #expect(
                try bench.remove(Array(places.prefix(4))) == [.done, .done, .done, .noInterface])
            #expect(bench.control.table[places[0]] == nil)
            #expect(!(try host.ip("-o address show dev eth0")).contains("10.1.0."))
            #expect(try bench.remove([places[0]]) == [.unchanged])
        }

        @Test func anInterfaceThatIsOffIsSwitchedOn() throws {
            try host.ip("link set eth0 down")
            try bench.turn("down") { [self] in
                bench.control.table.linkState(of: "eth0") == .down(.switchedOff)
            }
            #expect(try bench.add([try place("10.1.0.1")]) == [.done])
            try bench.turn("up") { [self] in
                bench.control.table.linkState(of: "eth0") == .up
            }
        }

        @Test func aCableThatIsPulledIsSeen() throws {
            try bench.turn("up") { [self] in bench.control.table.linkState(of: "eth0") == .up }
            try peer.ip("link set eth0 down")
            try bench.turn("no carrier") { [self] in
                bench.control.table.linkState(of: "eth0") == .down(.noCarrier)
            }
            try host.ip("link del eth0")
            try bench.turn("gone") { [self] in
                bench.control.table.linkState(of: "eth0") == .down(.missing)
            }
            #expect(bench.control.table.linkState(of: "lo") == .up)
        }

        @Test func secondariesStayWhenThePrimaryGoes() throws {
            try host.ip("link set eth0 up")
            let places = try (1...5).map { try place("10.1.0.\($0)") }
            #expect(try bench.add(places) == Array(repeating: .done, count: 5))
            #expect(bench.control.table[places[1]]?.flags.contains(.secondary) == true)
            #expect(try bench.remove([places[0]]) == [.done])
            let left = try host.ip("-o -4 address show dev eth0")
            for place in places.dropFirst() {
                #expect(left.contains("inet \(place.address)/24"))
                #expect(bench.control.table[place] != nil)
            }
        }

        @Test func hundredsGoInOneGo() throws {
            let places = try (0..<600).map {
                try place("10.1.\($0 / 250).\($0 % 250 + 1)", 16)
            }
            #expect(try bench.add(places).allSatisfy { $0 == .done })
            let lines = try host.ip("-o -4 address show dev eth0").split(separator: "\n")
            #expect(lines.count == 600)
            #expect(bench.control.table.addresses.filter { $0.index != 1 }.count >= 600)
            #expect(try bench.remove(places).allSatisfy { $0 == .done })
            #expect(try host.ip("-o -4 address show dev eth0").isEmpty)
        }

        @Test func whatSomebodyDoesByHandIsReported() throws {
            #expect(try bench.add([try place("10.1.0.1")]) == [.done])
            try host.ip("address del 10.1.0.1/24 dev eth0")
            try bench.turn("removal") { [self] in
                bench.reports.contains {
                    if case .change(.addressGone(let gone)) = $0 {
                        return "\(gone.place)" == "10.1.0.1/24 dev eth0"
                    }
                    return false
                }
            }
            try host.ip("address add 10.1.0.9/24 dev lo")
            let address = try #require(IPAddress("10.1.0.9"))
            try bench.turn("on another interface") { [self] in
                bench.control.table.places(of: address).map(\.place.interface) == ["lo"]
            }
        }

        @Test func lostReportsAreMadeUpFor() throws {
            // The smallest buffer there is: two reports or so.
            let deaf = try Bench(host, reportByteCount: 1)
            for batch in 0..<20 {
                let words = (0..<10).map { "address add 10.\(batch).\($0).1/24 dev eth0" }
                for word in words { try host.ip(word) }
            }
            try host.ip("address add 10.200.0.1/24 dev eth0")
            let last = try place("10.200.0.1")
            try deaf.turn("the last one") { deaf.control.table[last] != nil }
            #expect(deaf.control.overrunCount > 0)
            #expect(deaf.reports.contains(.overrun))
            let fresh = try Bench(host)
            try deaf.turn("the same") { deaf.control.table == fresh.control.table }
            // What went in the meantime is reported too.
            for batch in 0..<20 { try host.ip("address flush dev eth0 to 10.\(batch).0.0/16") }
            try deaf.turn("all gone") {
                deaf.control.table.addresses.filter { "\($0.place.address)".hasPrefix("10.") }
                    .map(\.place) == [last]
            }
        }

        @Test func aDuplicateOfIPv6IsFoundAndNotKept() throws {
            try peer.ip("address add fd00::1/64 dev eth0 nodad")
            let outcomes = try bench.add(
                [try place("fd00::1", 64), try place("fd00::2", 64), try place("10.1.0.1")],
                detection: .asLegacy)
            #expect(outcomes == [.duplicate, .done, .done])
            let mine = try host.ip("-o -6 address show dev eth0")
            #expect(!mine.contains("fd00::1/"))
            #expect(mine.contains("fd00::2/64"))
        }
    }
}
