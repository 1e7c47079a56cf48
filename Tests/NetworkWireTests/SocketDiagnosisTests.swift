// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import NetworkWire
import Testing
import Vocabulary

@Suite struct SocketDiagnosisTests {
    private func query(_ name: String) throws -> SocketQuery {
        var reader = ByteReader(try Fixture.message(name).body, order: .native)
        return try SocketQuery.decode(from: &reader)
    }

    private func report(_ name: String) throws -> SocketReport {
        var reader = ByteReader(try Fixture.message(name).body, order: .native)
        return try SocketReport.decode(from: &reader)
    }

    /// A condition's padding, which `ss` leaves as it is.
    private func withoutPadding(_ filter: [UInt8]) -> [UInt8] {
        var filter = filter
        for at in [6, 7] where at < filter.count { filter[at] = 0 }
        return filter
    }

    @Test(arguments: [("ipv4-0", AddressFamily.ipv4, "10.9.1.1"), ("ipv4-1", .ipv6, "10.9.1.1")])
    func aQuestionIsThatOfSS(name: String, family: AddressFamily, text: String) throws {
        let theirs = try query("sockets-\(name)")
        let prefixes = SocketFilter.prefixes(covering: [try address(text)])
        let mine = SocketQuery(
            family, states: .established, identity: theirs.identity,
            filter: SocketFilter.local(in: prefixes))
        #expect(withoutPadding(theirs.filter) == mine.filter)
        #expect(mine.identity == SocketIdentity.any(family))
        var writer = ByteWriter(order: .native)
        SocketQuery(
            family, states: theirs.states, identity: theirs.identity, filter: theirs.filter
        ).encode(into: &writer)
        #expect(writer.bytes[...] == (try Fixture.message("sockets-\(name)").body))
    }

    @Test func aSocketIsReadAsSSReadIt() throws {
        let four = try report("sockets-ipv4-answer-0")
        // The server listens on ::, so that its sockets are of IPv6.
        #expect(four.family == .ipv6)
        #expect(four.state == 1)
        #expect(four.local == Endpoint(try address("10.9.1.1"), port: 4450))
        #expect(four.remote.address == (try address("10.9.1.2")))
        let six = try report("sockets-ipv6-answer-0")
        #expect(six.local == Endpoint(try address("fd00:9::1"), port: 4450))
    }

    @Test func anOrderToEndASocketNamesIt() throws {
        let order = try query("sockets-destroy")
        #expect(order.identity.local.port == 4450)
        #expect(order.identity.cookie != SocketIdentity.anyCookie)
        #expect(try Fixture.message("sockets-destroy").kind == .destroySocket)
    }

    @Test func manyAddressesAreOneProgram() throws {
        let prefixes = [
            AddressPrefix(try address("10.0.0.0"), length: 8),
            AddressPrefix(try address("fd00::"), length: 64),
            AddressPrefix(try address("192.0.2.1"), length: 32),
        ]
        let filter = SocketFilter.local(in: prefixes)
        #expect(filter.count == 16 + 4 + 28 + 4 + 16)
        // Each jump leads to the end.
        #expect(Array(filter[16..<20]) == [1, 4, 52, 0])
        #expect(Array(filter[48..<52]) == [1, 4, 20, 0])
        #expect(SocketFilter.local(in: []).isEmpty)
    }

    @Test func fewPrefixesHoldAllAddresses() throws {
        var addresses: Set<IPAddress> = []
        for index in 0..<200 { addresses.insert(.ipv4(0x0A09_0000 + UInt32(index) * 7)) }
        for index in 0..<50 { addresses.insert(.ipv6(high: 0xFD << 56, low: UInt64(index) << 20)) }
        for limit in [0, 1, 2, 3, 16, 1000] {
            let prefixes = SocketFilter.prefixes(covering: addresses, atMost: limit)
            #expect(prefixes.count <= max(limit, 2))
            for address in addresses {
                #expect(prefixes.count { $0.contains(address) } == 1, "\(address) of \(limit)")
            }
        }
        #expect(SocketFilter.prefixes(covering: [], atMost: 5) == [])
        let few = SocketFilter.prefixes(covering: [try address("10.9.0.1")])
        #expect(few == [AddressPrefix(try address("10.9.0.1"), length: 32)])
        #expect(!few[0].contains(try address("10.9.0.2")))
        #expect(!few[0].contains(try address("::10.9.0.1")))
    }

    @Test func bitsBehindAPrefixAreZero() throws {
        #expect(try address("10.9.255.255").masked(20) == (try address("10.9.240.0")))
        #expect(try address("10.9.255.255").masked(0) == (try address("0.0.0.0")))
        #expect(try address("fd00:1:2:3:4:5:6:7").masked(64) == (try address("fd00:1:2:3::")))
        #expect(try address("fd00:1:2:3:4:5:6:7").masked(80) == (try address("fd00:1:2:3:4::")))
        #expect(try address("ffff::").masked(12) == (try address("fff0::")))
        #expect(try address("::1").masked(200) == (try address("::1")))
        #expect(try address("::ffff:1.2.3.4").unmapped == (try address("1.2.3.4")))
        #expect(try address("::1.2.3.4").unmapped == (try address("::1.2.3.4")))
    }
}
