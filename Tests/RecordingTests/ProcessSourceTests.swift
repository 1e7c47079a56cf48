// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerClient
import PeerWire
import Recording
import Sockets
import Testing
import Vocabulary

/// A daemon of the new protocol, a client of it, and a recorder.
@Suite final class ProcessSourceTests {
    private let scratch: ScratchDirectory
    private let loop: EventLoop
    private let daemon: PeerEndpoint
    private var source: ProcessSource?
    private var opened: [Service] = []
    private var closed: [Service] = []
    private var records: [RecordStream.Record] = []
    private var received = 0

    init() throws {
        scratch = try ScratchDirectory()
        loop = try EventLoop()
        daemon = try PeerEndpoint(
            directory: scratch.path, service: .event, instance: Instance(rawValue: 5), loop: loop)
        daemon.received = { [unowned self] inbound in
            received += 1
            if let handle = inbound.handle { daemon.answer(handle, .reply(inbound.payload)) }
        }
    }

    deinit {
        source?.close()
        daemon.close()
    }

    private func open(_ plan: RecordingPlan.Processes = .init()) throws {
        source = try ProcessSource(
            plan, directory: scratch.path, name: "test", loop: loop
        ) { [unowned self] event in
            switch event {
            case .opened(let service): opened.append(service)
            case .record(_, let record): records.append(record)
            case .closed(let service, _): closed.append(service)
            case .refused: break
            }
        }
    }

    private func turn(until condition: () -> Bool) throws -> Bool {
        let end = EventLoop.clock().advanced(byMilliseconds: 60_000)
        while !condition() {
            guard EventLoop.clock() < end else { return false }
            try loop.iterate(until: EventLoop.clock().advanced(byMilliseconds: 5))
        }
        return true
    }

    /// Asks the daemon so often, one after the other; whether all were answered.
    private func ask(_ count: Int, _ payload: [UInt8]) throws -> Bool {
        let client = try PeerEndpoint(
            directory: scratch.path, service: .client,
            instance: try PeerEndpoint.newClientInstance(), loop: loop)
        defer { client.close() }
        for _ in 0..<count {
            var answer: ArraySlice<UInt8>?
            client.send(
                to: Address(node: .current, service: .event, instance: Instance(rawValue: 0)),
                .request, procedure: 77, payload: payload[...],
                completion: { if case .answered(let reply) = $0 { answer = reply.payload } })
            guard try turn(until: { answer != nil }), answer?.elementsEqual(payload) == true else {
                return false
            }
        }
        return true
    }

    /// How many packets of a kind were shown.
    private func packets(_ kind: PacketKind, _ procedure: UInt32) -> Int {
        records.reduce(0) { sum, record in
            guard let frame = try? Frame.decode(record.bytes) else { return sum }
            var rest = frame.packets
            var count = 0
            while let packet = try? Packet.takeFirst(from: &rest) {
                if packet.header.kind == kind, packet.header.procedure == procedure { count += 1 }
            }
            return sum + count
        }
    }

    @Test func whatADaemonSendsAndReceivesIsShown() throws {
        #expect(try ask(1, [1]))
        try open()
        #expect(try turn(until: { opened == [.event] }))
        #expect(try ask(100, [UInt8](repeating: 3, count: 5_000)))
        #expect(try turn(until: { packets(.request, 77) == 100 && packets(.reply, 77) == 0 }))
        let kinds = Set(records.map(\.front.kind))
        #expect(kinds.isSuperset(of: [.frameIn, .frameOut]))
        #expect(records.allSatisfy { $0.front.lostRecords == 0 })
        let times = records.map(\.front.timeNanoseconds)
        #expect(times == times.sorted())
        // The question to show everything did not come to the daemon's own code.
        #expect(received == 101)
    }

    @Test func nothingIsShownOnceTheRecorderHasGone() throws {
        try open()
        #expect(try turn(until: { opened == [.event] }))
        source?.close()
        source = nil
        let count = records.count
        #expect(try ask(20, [1]))
        #expect(records.count == count)
        // And another one may begin.
        try open()
        #expect(try turn(until: { opened == [.event, .event] }))
    }

    @Test func onlyThoseThatWereChosenAreAsked() throws {
        try open(.init(services: [.proxy]))
        #expect(try ask(5, [1]))
        #expect(opened.isEmpty && records.isEmpty)
    }

    @Test func whatFindsNoRoomIsCounted() throws {
        let pair = try StreamListener(boundTo: scratch.file("slow.sock"))
        var ended = false
        let own = Address(node: PNN(rawValue: 0), service: .event, instance: Instance(rawValue: 1))
        let tap = try TrafficTap(
            RecordRequest(name: "slow.sock", bufferBytes: 100_000), in: scratch.path, own: own,
            loop: loop
        ) { ended = true }
        guard case .connection(let recorder) = pair.accept() else {
            Issue.record("the tap has not connected")
            return
        }
        // Nobody reads: the socket and the buffer fill up, and the rest is counted.
        let payload = [UInt8](repeating: 1, count: 10_000)
        for _ in 0..<200 {
            tap.record(.frameIn, nil, [payload[...]])
            try loop.iterate(until: EventLoop.clock())
        }
        var stream = RecordStream()
        var room = [UInt8](repeating: 0, count: 65_536)
        var shown = 0
        var lost = 0
        func take() throws {
            while case .bytes(let bytes) = recorder.read(into: &room) {
                stream.append(bytes)
                while let record = try stream.next() {
                    if record.front.kind == .frameIn { shown += 1 }
                    lost += Int(record.front.lostRecords)
                }
            }
        }
        #expect(
            try turn(until: {
                try? take()
                tap.record(.frameOut, nil, [])
                return shown + lost == 200
            }))
        #expect(lost > 100)
        #expect(shown > 5)
        #expect(!ended)
    }

    @Test func nothingOutsideOfTheRunDirectoryIsConnectedTo() throws {
        let own = Address(node: PNN(rawValue: 0), service: .event, instance: Instance(rawValue: 1))
        for name in ["../slow.sock", "/run/x.sock", "a/b", "", "none.sock"] {
            #expect(throws: SystemError.self) {
                try TrafficTap(
                    RecordRequest(name: name, bufferBytes: 1), in: scratch.path, own: own,
                    loop: loop
                ) {}
            }
        }
    }
}
