// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkInterfaces
import NetworkWire
import Sockets
import Testing
import Vocabulary

extension NamespaceTests {
    /// A public address that moves from one machine to another, and a client in between.
    @Suite struct ConnectionTests {
        let first: Bench
        let second: Bench
        let client: Bench

        init() throws {
            let segment = try Segment()
            first = try Bench(try segment.host("10.1.0.1/24", "fd00::1/64"))
            second = try Bench(try segment.host("10.1.0.2/24", "fd00::2/64"))
            client = try Bench(try segment.host("10.1.0.9/24", "fd00::9/64"))
            let all = [first, second, client]
            try Bench.turn(all, "links") {
                all.allSatisfy { $0.control.table.linkState(of: "eth0") == .up }
            }
        }

        /// Takes connections on all addresses, and keeps them.
        final class Server: @unchecked Sendable {
            let bench: Bench
            let listener: TCPListener
            var streams: [StreamSocket] = []

            init(_ bench: Bench, port: UInt16 = 4450) throws {
                self.bench = bench
                listener = try bench.host.run {
                    try TCPListener(on: [UInt8](repeating: 0, count: 16), port: port)
                }
            }

            func accept() throws {
                try bench.host.run { [self] in
                    while let stream = listener.accept() { streams.append(stream) }
                }
            }

            /// What has become of the streams.
            func states() throws -> [StreamSocket.ReadOutcome] {
                try bench.host.run { [self] in
                    var room = [UInt8](repeating: 0, count: 16)
                    return streams.map { $0.read(into: &room) }
                }
            }
        }

        private func connect(_ address: IPAddress, _ server: Server, count: Int = 1) throws
            -> [StreamSocket]
        {
            let streams = try client.host.run {
                try (0..<count).map { _ in
                    try StreamSocket(
                        connectingTo: address.octets, port: server.listener.port)
                }
            }
            let before = server.streams.count
            try Bench.turn([server.bench, client], "connections") {
                try server.accept()
                return server.streams.count == before + count
            }
            return streams
        }

        private func outcome(_ stream: StreamSocket) throws -> StreamSocket.ReadOutcome {
            try client.host.run {
                var room = [UInt8](repeating: 0, count: 16)
                return stream.read(into: &room)
            }
        }

        private func end(_ addresses: [IPAddress], on bench: Bench) throws
            -> ConnectionEnder.Report
        {
            var report: ConnectionEnder.Report?
            let ender = try bench.host.run { try ConnectionEnder(loop: bench.loop) }
            try bench.host.run { ender.end(connectionsTo: addresses) { report = $0 } }
            try bench.turn("ended") { report != nil }
            return try #require(report)
        }

        @Test func connectionsAreListedAsSSListsThem() throws {
            let places = [try place("10.1.0.100"), try place("fd00::100", 64)]
            #expect(try first.add(places) == [.done, .done])
            let server = try Server(first)
            var changes: [ConnectionTracker.Change] = []
            let tracker = try first.host.run { [first] in
                try ConnectionTracker(loop: first.loop, interval: .milliseconds(10)) {
                    changes.append($0)
                }
            }
            try first.host.run { tracker.track(Set(places.map(\.address))) }
            let four = try connect(places[0].address, server, count: 3)
            let six = try connect(places[1].address, server, count: 2)
            // Not to be listed: to another address of this machine.
            let other = try connect(try place("10.1.0.1").address, server)
            try first.turn("all are seen") { tracker.connections.count == 5 }
            let said = try first.host.ss("-Htn state established")
            for connection in tracker.connections {
                let client = connection.client
                #expect(said.contains("\(client.address)]:\(client.port)"), "\(said)")
                #expect(places.map(\.address).contains(connection.server.address))
            }
            #expect(changes.allSatisfy { $0.removed.isEmpty })
            #expect(changes.reduce(0) { $0 + $1.added.count } == 5)
            // One goes.
            try first.host.run { _ = server.streams.removeFirst() }
            try first.turn("one less") { tracker.connections.count == 4 }
            try first.host.run { tracker.track([places[1].address]) }
            try first.turn("IPv6 is left") { tracker.connections.count == 2 }
            #expect(changes.reduce(0) { $0 + $1.removed.count } == 3)
            try first.host.run { tracker.track([]) }
            try first.turn("none") { tracker.connections.isEmpty }
            withExtendedLifetime((four, six, other)) {}
            try first.host.run { tracker.close() }
        }

        @Test(arguments: ["10.1.0.100/24", "fd00::100/64"])
        func aClientIsTickledByWhoTakesTheAddress(text: String) throws {
            let parts = text.split(separator: "/")
            let moving = try place(
                String(parts[0]), try #require(UInt8(parts[1])))
            #expect(try first.add([moving]) == [.done])
            let servers = [try Server(first), try Server(second)]
            let streams = try connect(moving.address, servers[0], count: 2)

            let tracker = try first.host.run { [first] in
                try ConnectionTracker(loop: first.loop) { _ in }
            }
            try first.host.run { tracker.track([moving.address]) }
            try first.turn("known") { tracker.connections.count == 2 }

            // The address leaves, and nobody is told.
            #expect(try first.remove([moving]) == [.done])

            // It arrives elsewhere.
            #expect(try second.add([moving]) == [.done])
            let (announcer, tickler) = try second.host.run { [second] in
                (try Announcer(second.control), try ClientTickler(loop: second.loop))
            }
            try second.host.run {
                announcer.announce([moving])
                tickler.tickle(tracker.connections)
            }
            try Bench.turn([second, client], "the clients know") {
                try streams.allSatisfy { try outcome($0) == .closed }
            }
            #expect(tickler.sentCount >= 2)
            let again = try connect(moving.address, servers[1], count: 2)
            // What is left of the old ones ends, and disturbs nobody.
            let report = try end([moving.address], on: first)
            #expect(Set(report.ended) == tracker.connections)
            #expect(report.left.isEmpty && report.failure == nil)
            #expect(try servers[0].states().allSatisfy { $0 != .wouldBlock })
            for stream in again { #expect(try outcome(stream) == .wouldBlock) }
            // New connections are not disturbed by segments for the old ones.
            try Bench.turn([second, client], "all repetitions") { tickler.sentCount >= 6 }
            for stream in again { #expect(try outcome(stream) == .wouldBlock) }
            try second.host.run {
                tickler.forget([moving.address])
                tickler.close()
                announcer.close()
            }
        }

        @Test func aClientOfIPv4HearsNothingOnceTheAddressIsGone() throws {
            let here = try place("10.1.0.100")
            #expect(try first.add([here]) == [.done])
            let server = try Server(first)
            let streams = try connect(here.address, server, count: 2)
            #expect(try first.remove([here]) == [.done])
            #expect(try end([here.address], on: first).ended.count == 2)
            #expect(try server.states().allSatisfy { $0 != .wouldBlock })
            #expect(!(try first.host.ss("-Htn")).contains("4450"))
            // Whatever was sent was sent before this answer.
            let other = try connect(try place("10.1.0.1").address, server)
            #expect(try outcome(other[0]) == .wouldBlock)
            for stream in streams { #expect(try outcome(stream) == .wouldBlock) }
        }

        @Test func bothEndsKnowWhileTheAddressIsHere() throws {
            let here = try place("10.1.0.100")
            #expect(try first.add([here]) == [.done])
            let server = try Server(first)
            var streams = try connect(here.address, server, count: 3)
            let other = try connect(try place("10.1.0.1").address, server)
            // One that the client has closed, and the server has not, holds on as well.
            _ = streams.removeLast()
            try Bench.turn([first, client], "half closed") { [first] in
                try first.host.ss("-Htn").contains("CLOSE-WAIT")
            }
            let report = try end([here.address], on: first)
            #expect(report.ended.count == 3)
            try Bench.turn([first, client], "the clients know") {
                try streams.allSatisfy { try outcome($0) == .closed }
            }
            #expect(try outcome(other[0]) == .wouldBlock)
        }

        @Test(arguments: ["10.1.0.100/24", "fd00::100/64"])
        func anEndGivesItsNumbersAwayAndIsReset(text: String) throws {
            let parts = text.split(separator: "/")
            let here = try place(String(parts[0]), try #require(UInt8(parts[1])))
            #expect(try first.add([here]) == [.done])
            let server = try Server(first)
            let streams = try connect(here.address, server, count: 5)
            let ends = try client.host.ss("-Htn state established").split(separator: "\n").map {
                line in try #require(Self.endpoint(line.split(separator: " ")[2]))
            }
            let connections = ends.map {
                ClientConnection(
                    server: Endpoint(here.address, port: server.listener.port), client: $0)
            }
            let resetting = try first.host.run { [first] in try ConnectionReset(first.control) }

            // This machine's own ends, while the address is here.
            var report: ConnectionReset.Report?
            try first.host.run {
                resetting.reset(Array(connections.prefix(2)), ends: [.server], on: "eth0") {
                    report = $0
                }
            }
            try Bench.turn([first, client], "two ends") { report != nil }
            #expect(report?.resetCount == 2)
            #expect(report?.silent == [])
            #expect(try server.states().count { $0 != .wouldBlock } == 2)

            // The clients' ends, when it is gone, and those whose server has forgotten them too.
            #expect(try first.remove([here]) == [.done])
            report = nil
            try first.host.run {
                resetting.reset(connections, ends: [.client], on: "eth0") { report = $0 }
            }
            try Bench.turn([first, client], "five ends") { report != nil }
            #expect(report?.resetCount == 5)
            #expect(report?.silent == [])
            try Bench.turn([first, client], "the clients know") {
                try streams.allSatisfy { try outcome($0) == .closed }
            }
        }

        @Test func whoDoesNotAnswerIsNamed() throws {
            let gone = ClientConnection(
                server: Endpoint(try place("10.1.0.100").address, port: 4450),
                client: Endpoint(try place("10.1.0.77").address, port: 7))
            var reports: [ConnectionReset.Report] = []
            let resetting = try first.host.run { [first] in
                try ConnectionReset(
                    first.control, interval: .milliseconds(5), attemptLimit: 3)
            }
            try first.host.run {
                resetting.reset([gone], ends: [.client], on: "eth0") { reports.append($0) }
                resetting.reset([gone], ends: [.client], on: "eth7") { reports.append($0) }
            }
            try first.turn("both") { reports.count == 2 }
            #expect(reports.allSatisfy { $0.silent == [gone] && $0.resetCount == 0 })
            #expect(reports.contains { $0.failure?.errno == SystemError.noDevice })
        }

        private static func endpoint(_ text: Substring) -> Endpoint? {
            guard let colon = text.lastIndex(of: ":"),
                let port = UInt16(text[text.index(after: colon)...])
            else { return nil }
            let address = text[..<colon].filter { $0 != "[" && $0 != "]" }
            return IPAddress(address).map { Endpoint($0, port: port) }
        }
    }
}
