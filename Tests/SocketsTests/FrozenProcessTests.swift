// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Sockets
import Testing
import Vocabulary

/// Other processes that are kept from running, and copies of their sockets.
@Suite(.serialized, .enabled(if: geteuid() == 0, "only root may freeze other processes"))
struct FrozenProcessTests {
    /// A process that serves a path with epoll, and says a letter for everything that happens.
    private static let server = """
        import os, select, signal, socket, sys
        signal.signal(signal.SIGHUP, lambda *_: os.write(1, b'h'))
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(sys.argv[1])
        listener.listen()
        poll = select.epoll()
        poll.register(listener, select.EPOLLIN)
        open_ones = {}
        os.write(1, b'r')
        while True:
            for number, what in poll.poll():
                if number == listener.fileno():
                    one = listener.accept()[0]
                    open_ones[one.fileno()] = one
                    poll.register(one, select.EPOLLIN)
                    os.write(1, b'c')
                else:
                    data = open_ones[number].recv(100)
                    if not data:
                        poll.unregister(number)
                        del open_ones[number]
                    os.write(1, data or b'e')
        """

    private let scratch: ScratchDirectory
    private let process: ChildProcess
    private var path: String { scratch.file("s") }

    init() throws {
        scratch = try ScratchDirectory()
        process = try ChildProcess(
            starting: Array("/usr/bin/python3".utf8),
            arguments: ["python3", "-c", Self.server, scratch.file("s")].map { Array($0.utf8) },
            in: ChildProcess.Surroundings(endsWithParent: true))
        #expect(try said(1) == "r")
    }

    /// The next letters that the process says.
    private func said(_ count: Int) throws -> String {
        var room = [UInt8](repeating: 0, count: 1)
        var text = ""
        let end = EventLoop.clock().advanced(byMilliseconds: 20_000)
        while text.count < count, EventLoop.clock() < end {
            if case .bytes = process.read(into: &room) {
                text += String(decoding: room, as: UTF8.self)
            } else {
                sched_yield()
            }
        }
        return text
    }

    private func freeze() throws -> FrozenProcess {
        let end = EventLoop.clock().advanced(byMilliseconds: 20_000)
        while EventLoop.clock() < end {
            let frozen = try FrozenProcess(pid: process.pid)
            while frozen.look() == .running { sched_yield() }
            #expect(frozen.look() == .frozen)
            if try frozen.wasIdle() { return frozen }
        }
        throw SystemError(call: "freeze", errno: ETIMEDOUT)
    }

    private func end() {
        process.killGroup()
        while process.reap() == nil { sched_yield() }
    }

    @Test func whatIsFrozenGoesOnWhenItIsLetGo() throws {
        defer { end() }
        let client = try StreamSocket(connectedTo: path)
        #expect(try said(1) == "c")
        do {
            let frozen = try freeze()
            #expect(try frozen.pendingSignals() == [])
            #expect(client.write(Array("x".utf8)) == .wrote(1))
            #expect(kill(process.pid, SIGHUP) == 0)
            #expect(try frozen.pendingSignals() == [SIGHUP])
            #expect(ProcessFacts(pid: process.pid).tracer != nil)
            var room = [UInt8](repeating: 0, count: 1)
            #expect(process.read(into: &room) == .wouldBlock)
        }
        #expect(Set(try said(2)) == ["h", "x"])
        #expect(ProcessFacts(pid: process.pid).tracer == nil)
    }

    @Test func whoIsStoppedOrKilledIsSeen() throws {
        #expect(kill(process.pid, SIGSTOP) == 0)
        while ProcessFacts(pid: process.pid).isRunning { sched_yield() }
        let stopped = try FrozenProcess(pid: process.pid)
        while stopped.look() == .running { sched_yield() }
        #expect(stopped.look() == .signalled(SIGSTOP))
        stopped.letGo()
        #expect(kill(process.pid, SIGCONT) == 0)
        let frozen = try freeze()
        process.killGroup()
        let watch = try ProcessWatch(pid: process.pid)
        let loop = try EventLoop()
        var hasEnded = false
        _ = try loop.register(watch.descriptor, for: .read) { _ in hasEnded = true }
        let limit = EventLoop.clock().advanced(byMilliseconds: 20_000)
        while !hasEnded, EventLoop.clock() < limit { try loop.iterate(until: limit) }
        #expect(hasEnded)
        frozen.letGo()
        while process.reap() == nil { sched_yield() }
        #expect(throws: SystemError.self) { try FrozenProcess(pid: process.pid) }
    }

    @Test func whoIsTracedAlreadySaysByWhom() throws {
        defer { end() }
        let first = try freeze()
        do {
            _ = try FrozenProcess(pid: process.pid)
            Issue.record("it is frozen twice")
        } catch {
            #expect(error.isForbidden)
            #expect(error.advice?.contains("traces it already") == true, "\(error)")
        }
        first.letGo()
    }

    @Test func socketsAreCopiedAndServedWithBoth() throws {
        defer { end() }
        let client = try StreamSocket(connectedTo: path)
        #expect(try said(1) == "c")
        let watch = try ProcessWatch(pid: process.pid)
        do {
            let frozen = try freeze()
            #expect(client.write(Array("one two".utf8)) == .wrote(7))
            let copies = try CopiedSockets(of: watch, servingAt: path)
            let connection = try #require(copies.connections.first)
            #expect(copies.connections.count == 1)
            #expect(try connection.peerCredentials().pid == getpid())
            // What is looked at stays; what is taken is gone for both.
            var room = [UInt8](repeating: 0, count: 3)
            for _ in 0..<2 { #expect(connection.peek(into: &room) == .bytes(Array("one".utf8))) }
            #expect(connection.discard(4) == 4)
            room = [UInt8](repeating: 0, count: 100)
            #expect(connection.peek(into: &room) == .bytes(Array("two".utf8)))
            #expect(connection.write(Array("hello".utf8)) == .wrote(5))
            // Who connects now is accepted here.
            let late = try StreamSocket(connectedTo: path)
            guard case .connection? = copies.listener?.accept() else {
                Issue.record("nobody waits")
                return
            }
            #expect(late.read(into: &room) == .closed)
            #expect(try CopiedSockets(of: watch, servingAt: path + "x").listener == nil)
            frozen.letGo()
        }
        #expect(try said(3) == "two")
        var room = [UInt8](repeating: 0, count: 100)
        #expect(client.read(into: &room) == .bytes(Array("hello".utf8)))
        // The file of the listener is the other's.
        #expect(try StreamSocket(connectedTo: path).path == path)
    }

    @Test func aStreamMayBeShutForAll() throws {
        defer { end() }
        let client = try StreamSocket(connectedTo: path)
        #expect(try said(1) == "c")
        let copies = try CopiedSockets(of: try ProcessWatch(pid: process.pid), servingAt: path)
        copies.connections.first?.shutDown()
        var room = [UInt8](repeating: 0, count: 100)
        #expect(client.read(into: &room) == .closed)
        #expect(try said(1) == "e")
    }
}
