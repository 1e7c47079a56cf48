// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc
import Sockets
import Testing

@Suite struct DatagramSenderTests {
    let directory: ScratchDirectory
    let path: String

    init() throws {
        directory = try ScratchDirectory()
        path = directory.file("d.sock")
    }

    @Test(arguments: [65_536, 131_072, 200_000])
    func aLargeDatagramArrives(byteCount: Int) throws {
        let socket = try DatagramSocket(boundTo: path)
        let sender = try DatagramSender(connectedTo: path)
        let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(sender.send(bytes) == .sent)
        var scratch = [UInt8](repeating: 0, count: 262_144)
        let received = socket.receive(into: &scratch)
        // Compared outside of the expectation, which would print all the bytes.
        let isWhole = received == .datagram(bytes: bytes, credentials: .own)
        #expect(isWhole)
    }

    @Test func aDatagramThatNeverFitsIsTooLarge() throws {
        let socket = try DatagramSocket(boundTo: path)
        let sender = try DatagramSender(connectedTo: path)
        #expect(sender.send([UInt8](repeating: 1, count: 4 << 20)) == .tooLarge)
        #expect(sender.send([1]) == .sent)
        #expect(socket.path == path)
    }

    @Test func aReceiverThatIsNotThereIsNamed() throws {
        let error = #expect(throws: SystemError.self) { try DatagramSender(connectedTo: path) }
        #expect(error?.call == "connect")
        #expect(error?.path == path)
        #expect(error?.errno == ENOENT)
        try directory.leaveStaleSocket("d.sock")
        let stale = #expect(throws: SystemError.self) { try DatagramSender(connectedTo: path) }
        #expect(stale?.errno == ECONNREFUSED)
    }

    @Test func aReceiverThatWentIsGoneAndStaysGone() throws {
        var socket: DatagramSocket? = try DatagramSocket(boundTo: path)
        let sender = try DatagramSender(connectedTo: path)
        #expect(sender.send([1]) == .sent)
        #expect(socket?.path == path)
        socket = nil
        #expect(sender.send([2]) == .gone(errno: ECONNREFUSED))
        #expect(sender.send([3]) == .gone(errno: ENOTCONN))
        let next = try DatagramSocket(boundTo: path)
        #expect(sender.send([4]) == .gone(errno: ENOTCONN))
        #expect(try DatagramSender(connectedTo: path).send([5]) == .sent)
        #expect(next.path == path)
    }

    @Test func aSlowReceiverFillsAndItsSenderIsWokenWhenItDrains() throws {
        let socket = try DatagramSocket(boundTo: path)
        let sender = try DatagramSender(connectedTo: path)
        var scratch = [UInt8](repeating: 0, count: 64)
        var sent = 0
        while sent < 10_000, sender.send([UInt8(truncatingIfNeeded: sent)]) == .sent { sent += 1 }
        #expect(sent < 10_000)
        #expect(sender.send([0]) == .full)

        let loop = try EventLoop()
        var woken = 0
        let token = try loop.register(sender.descriptor, for: .write) { readiness in
            #expect(readiness == .writable)
            woken += 1
            loop.stop()
        }
        // Full: the loop finds nothing ready, however often it looks.
        #expect(try !loop.iterate(until: EventLoop.clock()))
        #expect(try !loop.iterate(until: EventLoop.clock().advanced(byMilliseconds: 2)))
        #expect(woken == 0)

        let drain = loop.makeTimer {
            while socket.receive(into: &scratch) != .empty {}
        }
        loop.arm(drain, at: loop.now.advanced(byMilliseconds: 1))
        try loop.run()
        #expect(woken == 1)
        #expect(sender.send([1]) == .sent)
        loop.remove(token)
    }

    @Test func twoSendersToOneFullReceiverAreBothWoken() throws {
        let socket = try DatagramSocket(boundTo: path)
        let senders = [
            try DatagramSender(connectedTo: path), try DatagramSender(connectedTo: path),
        ]
        var scratch = [UInt8](repeating: 0, count: 64)
        var sent = 0
        while sent < 10_000, senders[sent % 2].send([1]) == .sent { sent += 1 }
        #expect(senders.map { $0.send([1]) } == [.full, .full])
        let loop = try EventLoop()
        var woken = Set<Int>()
        for (index, sender) in senders.enumerated() {
            _ = try loop.register(sender.descriptor, for: .write) { _ in woken.insert(index) }
        }
        #expect(try !loop.iterate(until: EventLoop.clock()))
        while socket.receive(into: &scratch) != .empty {}
        let limit = EventLoop.clock().advanced(byMilliseconds: 5_000)
        while woken.count < 2, loop.now < limit { try loop.iterate(until: limit) }
        #expect(woken == [0, 1])
    }
}
