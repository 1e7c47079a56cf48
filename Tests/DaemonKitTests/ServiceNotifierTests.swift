// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DaemonKit
import Glibc
import Sockets
import Testing
import Vocabulary

@Suite struct ServiceNotifierTests {
    let directory: ScratchDirectory
    let manager: DatagramSocket

    init() throws {
        directory = try ScratchDirectory()
        manager = try DatagramSocket(boundTo: directory.file("notify"))
    }

    static func texts(_ socket: DatagramSocket) -> [String] {
        var scratch = [UInt8](repeating: 0, count: 4096)
        var texts: [String] = []
        while case .datagram(let bytes, _) = socket.receive(into: &scratch) {
            texts.append(String(decoding: bytes, as: UTF8.self))
        }
        return texts
    }

    @Test func everyStateIsOneDatagram() throws {
        let notifier = try ServiceNotifier(socket: manager.path)
        try notifier.ready()
        try notifier.status("two\nlines")
        try notifier.reloading(at: Instant(nanoseconds: 1_234_567_890))
        try notifier.watchdog()
        try notifier.stopping()
        #expect(
            Self.texts(manager) == [
                "READY=1", "STATUS=two lines", "RELOADING=1\nMONOTONIC_USEC=1234567",
                "WATCHDOG=1", "STOPPING=1",
            ])
    }

    @Test func anAbstractNameBeginsWithAnAtSign() throws {
        let name = directory.path
        let abstract = try DatagramSocket(boundToAbstract: name)
        try ServiceNotifier(socket: "@\(name)").ready()
        #expect(Self.texts(abstract) == ["READY=1"])
        #expect(Self.texts(manager) == [])
    }

    @Test func withoutAManagerNothingHappens() throws {
        try ServiceNotifier(socket: nil).ready()
        try ServiceNotifier(socket: "").ready()
    }

    @Test func aManagerThatIsNotThereIsNamed() throws {
        let path = directory.file("none")
        let error = #expect(throws: SystemError.self) { try ServiceNotifier(socket: path) }
        #expect(error?.path == path)
        #expect(error?.errno == ENOENT)
    }

    @Test func aManagerThatDoesNotReadIsAnError() throws {
        let notifier = try ServiceNotifier(socket: manager.path)
        let error = #expect(throws: SystemError.self) {
            for _ in 0..<10_000 { try notifier.watchdog() }
        }
        #expect(error?.errno == EAGAIN)
    }

    @Test(
        arguments: [
            ("3000000", nil, 3000), ("3000000", "7", 3000), ("3000000", "8", nil),
            ("1", nil, 1), ("0", nil, nil), ("x", nil, nil), (nil, "7", nil),
        ] as [(String?, String?, UInt64?)])
    func theWatchdogIsForOneProcess(microseconds: String?, pid: String?, expected: UInt64?) {
        #expect(
            ServiceNotifier.watchdogMilliseconds(
                microseconds: microseconds, pid: pid, ownPID: 7) == expected)
    }

    @Test func theLoopFeedsTheWatchdogTwiceInItsTime() throws {
        let notifier = try ServiceNotifier(socket: manager.path)
        let loop = try EventLoop()
        let begin = loop.now
        var received: [String] = []
        let timer = notifier.feedWatchdog(from: loop, every: 4) { _ in }
        let token = try loop.register(manager.descriptor, for: .read) { _ in
            received += Self.texts(manager)
            if received.count >= 3 { loop.stop() }
        }
        try loop.run()
        #expect(received == ["WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"])
        #expect(loop.now >= begin.advanced(byMilliseconds: 4))
        loop.removeTimer(timer)
        loop.remove(token)
    }
}
