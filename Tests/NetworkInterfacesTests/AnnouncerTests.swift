// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkInterfaces
import NetworkWire
import Sockets
import Testing
import Vocabulary

extension NamespaceTests {
    @Suite struct AnnouncerTests {
        let segment: Segment
        let peer: Bench
        let mine: Bench
        let claims = Claims()

        /// What the peer hears.
        final class Claims: @unchecked Sendable {
            var heard: [ConflictWatch.Conflict] = []

            func count(_ address: IPAddress) -> Int { heard.count { $0.address == address } }
        }

        init() throws {
            segment = try Segment()
            mine = try Bench(try segment.host("10.1.0.1/24"))
            peer = try Bench(try segment.host("10.1.0.2/24", "fd00::2/64"))
            try Bench.turn([mine, peer], "links") { [mine, peer] in
                [mine, peer].allSatisfy { $0.control.table.linkState(of: "eth0") == .up }
            }
        }

        private func listen(_ addresses: Set<IPAddress>) throws -> ConflictWatch {
            try peer.host.run { [peer, claims] in
                let watch = ConflictWatch(peer.control) { claims.heard.append($0) }
                try watch.watch(addresses)
                return watch
            }
        }

        private func announcer(_ settings: Announcer.Settings) throws -> Announcer {
            try mine.host.run { [mine] in try Announcer(mine.control, settings: settings) }
        }

        private var quick: Announcer.Settings {
            var settings = Announcer.Settings()
            settings.interval = .milliseconds(10)
            settings.refresh = nil
            return settings
        }

        @Test func neighboursAreToldWhereAnAddressIs() throws {
            // They believe that it is elsewhere.
            try peer.host.ip(
                "neighbour replace 10.1.0.100 lladdr 02:00:00:00:00:01 dev eth0 nud reachable")
            try peer.host.ip(
                "neighbour replace fd00::100 lladdr 02:00:00:00:00:01 dev eth0 nud reachable")
            let places = [try place("10.1.0.100"), try place("fd00::100", 64)]
            #expect(try mine.add(places) == [.done, .done])
            let announcer = try announcer(quick)
            try mine.host.run { announcer.announce(places) }
            let hardware = try #require(
                mine.control.table.interface(named: "eth0")?.hardwareAddress)
            for address in ["10.1.0.100", "fd00::100"] {
                try Bench.turn([mine, peer], "\(address) is believed") { [peer] in
                    try peer.host.ip("neighbour show \(address)").contains("lladdr \(hardware)")
                }
            }
        }

        @Test func itIsSaidThreeTimesAndThenNoMore() throws {
            let places = [try place("10.1.0.100"), try place("fd00::100", 64)]
            let watch = try listen(Set(places.map(\.address)))
            #expect(try mine.add(places) == [.done, .done])
            let announcer = try announcer(quick)
            try mine.host.run { announcer.announce(places) }
            // Twice each time for IPv4.
            try Bench.turn([mine, peer], "three times") { [claims] in
                claims.count(places[0].address) == 6 && claims.count(places[1].address) == 3
            }
            // A last one with nothing behind it.
            try mine.host.run { try announcer.announceOnce(places[0].address, on: "eth0") }
            try Bench.turn([mine, peer], "the last") { [claims] in claims.heard.count >= 11 }
            #expect(claims.heard.count == 11)
            #expect(Set(claims.heard.map(\.hardware)).count == 1)
            try peer.host.run { watch.close() }
        }

        @Test func itIsRefreshedAsLongAsTheAddressIsHere() throws {
            let here = try place("10.1.0.100")
            let notHere = try place("10.1.0.101")
            let watch = try listen([here.address, notHere.address])
            #expect(try mine.add([here]) == [.done])
            var settings = quick
            settings.refresh = .milliseconds(10)
            let announcer = try announcer(settings)
            try mine.host.run { announcer.announce([here, notHere]) }
            try Bench.turn([mine, peer], "many times") { [claims] in
                claims.count(here.address) > 20
            }
            #expect(claims.count(notHere.address) == 0)
            try mine.host.run { announcer.withdraw([here.address]) }
            #expect(try mine.add([notHere]) == [.done])
            let count = claims.heard.count
            try Bench.turn([mine, peer], "the other one") { [claims] in
                claims.count(notHere.address) > 20
            }
            // What was on its way when it was withdrawn.
            #expect(claims.count(here.address) <= count + 2)
            try peer.host.run { watch.close() }
        }

        @Test func itIsSaidAgainWhenTheLinkIsBack() throws {
            let here = try place("10.1.0.100")
            let watch = try listen([here.address])
            #expect(try mine.add([here]) == [.done])
            let announcer = try announcer(quick)
            try mine.host.run { announcer.announce([here]) }
            try Bench.turn([mine, peer], "three times") { [claims] in claims.heard.count == 6 }
            try segment.switching.ip("link set port1 down")
            try Bench.turn([mine, peer], "no link") { [mine] in
                mine.control.table.linkState(of: "eth0") != .up
            }
            try segment.switching.ip("link set port1 up")
            try Bench.turn([mine, peer], "again") { [claims] in claims.heard.count > 6 }
            // Another hardware address is another place.
            try mine.host.ip("link set eth0 address 02:00:00:00:00:77")
            try Bench.turn([mine, peer], "from there") { [claims] in
                claims.heard.contains { $0.hardware.rawValue == 0x0200_0000_0077 }
            }
            try peer.host.run { watch.close() }
        }

        @Test func tsharkReadsThemAsCtdbdsAreRead() throws {
            let program = "/usr/bin/tshark"
            guard
                let capture = try? peer.host.run({
                    try ChildProcess(
                        starting: Array(program.utf8),
                        arguments: [
                            program, "-l", "-n", "-i", "eth0", "-c", "3", "-f",
                            "arp or icmp6[0] == 136", "-T", "fields", "-e", "arp.opcode", "-e",
                            "arp.isgratuitous", "-e", "arp.src.proto_ipv4", "-e",
                            "icmpv6.nd.na.target_address", "-e", "icmpv6.nd.na.flag.o", "-e",
                            "icmpv6.checksum.status",
                        ].map { Array($0.utf8) })
                })
            else { return }
            var text = ""
            var room = [UInt8](repeating: 0, count: 65_536)
            let read = {
                while case .bytes(let count) = capture.read(into: &room) {
                    text += String(decoding: room[..<count], as: UTF8.self)
                }
            }
            let places = [try place("10.1.0.100"), try place("fd00::100", 64)]
            #expect(try mine.add(places) == [.done, .done])
            let announcer = try announcer(quick)
            // It says that it captures a little too early: announced until it has heard enough.
            try Bench.turn([mine], "tshark") { [mine] in
                read()
                guard text.contains("Capturing") else { return false }
                try mine.host.run {
                    for place in places {
                        try announcer.announceOnce(place.address, on: "eth0")
                    }
                }
                return capture.reap() != nil
            }
            read()
            let lines = Set(
                text.split(separator: "\n").filter { $0.contains("\t") }.map(String.init))
            let expected: Set = [
                "1\t1\t10.1.0.100\t\t\t", "2\t1\t10.1.0.100\t\t\t", "\t\t\tfd00::100\t1\t1",
            ]
            let plain = lines.map {
                $0.replacing("True", with: "1").replacing("Good", with: "1")
            }
            #expect(Set(plain).isSubset(of: expected), "\(text)")
            #expect(plain.count == 3, "\(text)")
        }

        @Test func whatCannotBeToldIsSaid() throws {
            let announcer = try announcer(quick)
            try mine.host.run { [mine] in
                let address = try place("10.1.0.100").address
                #expect(throws: SystemError.self) {
                    try announcer.announceOnce(address, on: "eth7")
                }
                #expect(throws: Never.self) { try announcer.announceOnce(address, on: "lo") }
                announcer.close()
                _ = mine
            }
        }
    }
}
