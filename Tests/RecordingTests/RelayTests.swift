// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Recording
import Sockets
import Testing

@Suite struct RelayTests {
    @Test func everyByteArrivesInItsPlaceAndIsShown() throws {
        let bench = try RelayBench()
        var clients = try (0..<4).map { seed in
            try TestClient(bench.path, sending: RelayBench.packets(150, seed: seed))
        }
        let isComplete = try bench.turn {
            for at in clients.indices { clients[at].turn() }
            return clients.allSatisfy { $0.received.count == $0.bytes.count }
        }
        #expect(isComplete)
        for (at, client) in clients.enumerated() {
            #expect(client.received == client.bytes)
            #expect(bench.requests[at + 1] == client.bytes)
            #expect(bench.replies[at + 1] == client.bytes)
        }
        #expect(bench.opened.map(\.pid) == .init(repeating: Credentials.own.pid, count: 4))
        #expect(bench.opened.allSatisfy { !$0.name.isEmpty })
        // One more was made to see whether somebody listens.
        #expect(bench.daemon.connectionCount == 5)
        bench.close()
    }

    @Test func whoDoesNotReadMakesTheOtherEndWait() throws {
        let bench = try RelayBench()
        let bytes = [UInt8](repeating: 9, count: 64 << 20)
        var client = try TestClient(bench.path, sending: bytes)
        bench.daemon.isReading = false
        var before = -1
        var rests = 0
        // It is enough when nothing has moved for many turns.
        let isFull = try bench.turn {
            client.turn()
            rests = client.sent == before ? rests + 1 : 0
            before = client.sent
            return rests > 100
        }
        #expect(isFull)
        #expect(client.sent < 8 << 20, "the relay keeps what nobody reads")
        bench.daemon.isReading = true
        #expect(
            try bench.turn {
                client.turn(); return client.received.count == bytes.count
            })
        #expect(client.received == bytes)
        bench.close()
    }

    @Test func whatIsNoPacketGoesThroughUnseen() throws {
        let bench = try RelayBench()
        let good = try RelayBench.packets(3, seed: 1)
        let bytes = good + [UInt8](repeating: 0xFF, count: 1_000) + good
        var client = try TestClient(bench.path, sending: bytes)
        #expect(
            try bench.turn {
                client.turn(); return client.received.count == bytes.count
            })
        #expect(client.received == bytes)
        #expect(bench.requests[1] == good)
        // Both directions: it came back.
        #expect(bench.unreadable == [1, 1])
        bench.close()
    }

    @Test func whoEndsItsSideStillGetsItsAnswers() throws {
        let bench = try RelayBench()
        var client = try TestClient(bench.path, sending: RelayBench.packets(5, seed: 3))
        #expect(
            try bench.turn {
                client.turn(isReading: false); return client.sent == client.bytes.count
            })
        client.stream.shutWriting()
        #expect(
            try bench.turn {
                client.turn(); return client.isClosed
            })
        #expect(client.received == client.bytes)
        #expect(try bench.turn { bench.closed == [1] })
        bench.close()
    }

    @Test func aClientThatLeavesAtOnceHasSaidEverything() throws {
        let bench = try RelayBench()
        let bytes = try RelayBench.packets(20, seed: 4)
        do {
            var client = try TestClient(bench.path, sending: bytes)
            #expect(
                try bench.turn {
                    client.turn(isReading: false); return client.sent == bytes.count
                })
        }
        #expect(try bench.turn { bench.closed == [1] })
        #expect(bench.requests[1] == bytes)
        bench.close()
    }

    @Test func afterwardsEverythingIsAsBefore() throws {
        let bench = try RelayBench()
        #expect(SocketStandIn.isExpected(at: bench.path))
        var kept = try TestClient(bench.path, sending: RelayBench.packets(5, seed: 5))
        #expect(try bench.turn { bench.opened.count == 1 })
        bench.leave()
        #expect(!SocketStandIn.isExpected(at: bench.path))
        // Who is connected stays so; who comes goes straight to ctdbd.
        #expect(
            try bench.turn {
                kept.turn(); return kept.received.count == kept.bytes.count
            })
        var direct = try TestClient(bench.path, sending: RelayBench.packets(5, seed: 6))
        #expect(
            try bench.turn {
                direct.turn(); return direct.received.count == direct.bytes.count
            })
        #expect(bench.opened.count == 1)
        bench.close()
        #expect(
            try bench.turn {
                kept.turn(); return kept.isClosed
            })
    }

    @Test func nobodyIsStoodInForWhereNobodyListens() throws {
        let scratch = try ScratchDirectory()
        let loop = try EventLoop()
        let error = #expect(throws: SystemError.self) {
            try Relay(at: scratch.file("ctdbd.socket"), loop: loop) { _ in }
        }
        #expect(error?.isMissingFile == true)
        #expect(!SocketStandIn.isExpected(at: scratch.file("ctdbd.socket")))
    }
}
