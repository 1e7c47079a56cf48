// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Recording
import Sockets
import Vocabulary

/// Something that stands for ctdbd, a relay in front of it, and what the relay has told.
final class RelayBench {
    let scratch: ScratchDirectory
    let loop: EventLoop
    let path: String
    let daemon: EchoDaemon
    private(set) var relay: Relay?
    var requests: [Int: [UInt8]] = [:]
    var replies: [Int: [UInt8]] = [:]
    var opened: [Relay.Client] = []
    var closed: Set<Int> = []
    var unreadable: [Int] = []

    init() throws {
        scratch = try ScratchDirectory()
        loop = try EventLoop()
        path = scratch.file("ctdbd.socket")
        daemon = try EchoDaemon(at: path, loop: loop)
        relay = try Relay(at: path, loop: loop) { [unowned self] event in take(event) }
    }

    private func take(_ event: Relay.Event) {
        switch event {
        case .opened(let client): opened.append(client)
        case .request(let client, let packet): requests[client.number, default: []] += packet
        case .reply(let client, let packet): replies[client.number, default: []] += packet
        case .unreadable(let client, _, _): unreadable.append(client.number)
        case .closed(let client): closed.insert(client.number)
        case .inPlace, .aside, .trouble: break
        }
    }

    func close() { relay?.close() }
    func leave() { relay?.leave() }

    /// Turns until something holds; whether it did within a minute.
    func turn(until condition: () throws -> Bool) throws -> Bool {
        let end = EventLoop.clock().advanced(byMilliseconds: 60_000)
        while try !condition() {
            guard EventLoop.clock() < end else { return false }
            try loop.iterate(until: EventLoop.clock().advanced(byMilliseconds: 1))
            daemon.turn()
        }
        return true
    }

    /// Packets of sizes that follow from a number, put together.
    static func packets(_ count: Int, seed: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for index in 0..<count {
            let size = (index * 7_919 + seed * 104_729) % 30_000
            let data = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: size)
            let packet = LegacyPacket(
                destination: PNN(rawValue: 0), reqid: Reqid(rawValue: UInt32(index)),
                body: .requestMessage(
                    RequestMessage(srvid: SrvID(rawValue: UInt64(seed)), data: data[...])))
            bytes += try packet.encode(layout: .native)
        }
        return bytes
    }
}

/// A client: sends bytes, and keeps what comes.
struct TestClient {
    let stream: StreamSocket
    let bytes: [UInt8]
    var sent = 0
    var received: [UInt8] = []
    var isClosed = false
    private var scratch = [UInt8](repeating: 0, count: 12_345)

    init(_ path: String, sending bytes: [UInt8]) throws {
        stream = try StreamSocket(connectedTo: path)
        self.bytes = bytes
    }

    /// Sends some, and reads some if it is to read.
    mutating func turn(isReading: Bool = true) {
        if sent < bytes.count, case .wrote(let count) = stream.write(bytes, from: sent) {
            sent += count
        }
        guard isReading else { return }
        switch stream.read(into: &scratch) {
        case .bytes(let bytes): received += bytes
        case .wouldBlock: break
        case .closed, .failed: isClosed = true
        }
    }
}
