// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import NetworkInterfaces
import NetworkWire
import Sockets
import Testing
import Vocabulary

extension NamespaceTests {
    @Suite struct AddressProbeTests {
        let segment: Segment
        let mine: Bench
        let peer: Bench

        init() throws {
            segment = try Segment()
            mine = try Bench(try segment.host("10.1.0.1/24"))
            peer = try Bench(try segment.host("10.1.0.2/24", "10.1.0.100/24", "fd00::100/64"))
            try Bench.turn([mine, peer], "links") { [mine, peer] in
                [mine, peer].allSatisfy { $0.control.table.linkState(of: "eth0") == .up }
            }
        }

        private func probe(_ places: [InterfaceAddress], within limit: Duration) throws
            -> [AddressProbe.Finding]
        {
            var findings: [AddressProbe.Finding]?
            let probe = AddressProbe(mine.control)
            try mine.host.run { probe.probe(places, within: limit) { findings = $0 } }
            try mine.turn("findings") { findings != nil }
            return findings ?? []
        }

        @Test func whoHasAnAddressIsFound() throws {
            let hardware = try #require(
                peer.control.table.interface(named: "eth0")?.hardwareAddress)
            let places = [
                try place("10.1.0.100"), try place("10.1.0.101"), try place("fd00::100", 64),
                try place("fd00::101", 64), try place("10.1.0.100", on: "lo"),
            ]
            let findings = try probe(places, within: .seconds(1))
            #expect(
                findings == [
                    .taken(by: hardware), .free, .taken(by: hardware), .free, .free,
                ])
            // Nobody was told that it is here.
            #expect(!(try peer.host.ip("neighbour show")).contains("10.1.0.10"))
            #expect(try probe([places[0]], within: .seconds(60)) == [.taken(by: hardware)])
        }

        @Test func itWorksBesideTheOwnAddress() throws {
            let both = try place("10.1.0.100")
            #expect(try mine.add([both, try place("10.1.0.50")]) == [.done, .done])
            let hardware = try #require(
                peer.control.table.interface(named: "eth0")?.hardwareAddress)
            #expect(
                try probe([both, try place("10.1.0.50")], within: .milliseconds(200))
                    == [.taken(by: hardware), .free])
        }

        @Test func whereNobodyCanBeAskedNothingIsKnown() throws {
            try mine.host.ip("link set eth0 down")
            try mine.turn("down") { [mine] in
                mine.control.table.linkState(of: "eth0") != .up
            }
            let findings = try probe(
                [try place("10.1.0.100"), try place("10.1.0.100", on: "eth7")],
                within: .milliseconds(20))
            for finding in findings {
                guard case .unknown = finding else {
                    Issue.record("\(finding)")
                    continue
                }
            }
        }

        @Test func aClaimOfAnotherMachineIsHeard() throws {
            var heard: [ConflictWatch.Conflict] = []
            let watch = ConflictWatch(mine.control) { heard.append($0) }
            let four = try place("10.1.0.100")
            let six = try place("fd00::100", 64)
            try mine.host.run { try watch.watch([four.address, six.address]) }
            let theirs = try peer.host.run { [peer] in try Announcer(peer.control) }
            let own = try mine.host.run { [mine] in try Announcer(mine.control) }
            try mine.host.run {
                try own.announceOnce(four.address, on: "eth0")
                try own.announceOnce(six.address, on: "eth0")
            }
            try peer.host.run {
                try theirs.announceOnce(try place("10.1.0.99").address, on: "eth0")
                try theirs.announceOnce(four.address, on: "eth0")
                try theirs.announceOnce(six.address, on: "eth0")
            }
            try Bench.turn([mine, peer], "claims") { heard.count == 3 }
            let hardware = try #require(
                peer.control.table.interface(named: "eth0")?.hardwareAddress)
            #expect(Set(heard.map(\.address)) == [four.address, six.address])
            #expect(heard.allSatisfy { $0.hardware == hardware })
            // What this machine says on one interface it may hear on another.
            try Host.connect(segment.switching, "port9", mine.host, "eth1")
            try segment.switching.ip("link set port9 master bridge")
            try mine.turn("a second link") { [mine] in
                mine.control.table.linkState(of: "eth1") == .up
            }
            try mine.host.run { try own.announceOnce(four.address, on: "eth0") }
            try peer.host.run { try theirs.announceOnce(four.address, on: "eth0") }
            try Bench.turn([mine, peer], "theirs, on both") { heard.count >= 7 }
            #expect(heard.allSatisfy { $0.hardware == hardware })
            // It can be given other addresses meanwhile.
            try mine.host.run { try watch.watch([try place("10.1.0.99").address]) }
            try peer.host.run {
                try theirs.announceOnce(four.address, on: "eth0")
                try theirs.announceOnce(try place("10.1.0.99").address, on: "eth0")
            }
            try Bench.turn([mine, peer], "the other address") {
                heard.last?.address == (try place("10.1.0.99").address)
            }
            try mine.host.run { try watch.watch([]) }
        }
    }

    @Suite struct NetworkPrivilegesTests {
        @Test func whatIsMissingIsSaidAndTheRestWorks() throws {
            let all: ProcessCapabilities = [.networkAdministration, .rawSockets]
            #expect(NetworkPrivileges(all).lacks.isEmpty)
            #expect(NetworkPrivileges([]).lacks.map(\.name) == ["CAP_NET_ADMIN", "CAP_NET_RAW"])
            let host = try Host()
            try host.ip("link add eth0 type veth peer name eth1")
            let bench = try Bench(host)
            // Only the host's own thread loses them.
            try host.run { [bench] in
                #expect(try NetworkPrivileges().lacks.isEmpty)
                #expect(clinux_drop_capabilities(all.rawValue) == 0)
                let lacks = try NetworkPrivileges().lacks
                #expect(lacks.map(\.name) == ["CAP_NET_ADMIN", "CAP_NET_RAW"])
                #expect("\(lacks[0])".hasPrefix("without CAP_NET_ADMIN: cannot add"))
                #expect(throws: SystemError.self) { try Announcer(bench.control) }
                #expect(throws: SystemError.self) { try ClientTickler(loop: bench.loop) }
            }
            let outcomes = try bench.add([try place("10.1.0.1")])
            guard case .failed(let error) = outcomes[0] else {
                Issue.record("\(outcomes)")
                return
            }
            #expect(error.isForbidden)
            // Watching goes on.
            try host.command(
                "/usr/bin/nsenter",
                ["--net=\(host.path)", "/usr/sbin/ip", "link", "set", "eth1", "down"])
            let fresh = try Bench(host)
            #expect(fresh.control.table.interface(named: "eth1") != nil)
        }
    }
}
