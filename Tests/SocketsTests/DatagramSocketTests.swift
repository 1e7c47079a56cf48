// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc
import Sockets
import Testing

@Suite struct DatagramSocketTests {
    let directory: ScratchDirectory
    let path: String

    init() throws {
        directory = try ScratchDirectory()
        path = directory.file("d.sock")
    }

    @Test func aDatagramArrivesWholeWithItsSendersCredentials() throws {
        let socket = try DatagramSocket(boundTo: path)
        let sender = try DatagramSender(connectedTo: path)
        var scratch = [UInt8](repeating: 0, count: 64)
        #expect(socket.receive(into: &scratch) == .empty)
        #expect(sender.send([1, 2, 3]) == .sent)
        #expect(sender.send([]) == .sent)
        #expect(sender.send([4]) == .sent)
        #expect(socket.receive(into: &scratch) == .datagram(bytes: [1, 2, 3], credentials: .own))
        #expect(socket.receive(into: &scratch) == .datagram(bytes: [], credentials: .own))
        #expect(socket.receive(into: &scratch) == .datagram(bytes: [4], credentials: .own))
        #expect(socket.receive(into: &scratch) == .empty)
    }

    @Test func aBadDatagramNeverEndsTheReceiveLoop() throws {
        let socket = try DatagramSocket(boundTo: path)
        let sender = try DatagramSender(connectedTo: path)
        let (kept, passed) = try StreamSocket.pair()
        #expect(sender.send([UInt8](repeating: 7, count: 65)) == .sent)
        #expect(sender.send([]) == .sent)
        #expect(sender.send([8], passing: passed))
        #expect(sender.send([9]) == .sent)
        var scratch = [UInt8](repeating: 0, count: 64)
        var received: [DatagramSocket.Received] = []
        while received.last != .empty { received.append(socket.receive(into: &scratch)) }
        #expect(
            received == [
                .truncated(byteCount: 65, credentials: .own),
                .datagram(bytes: [], credentials: .own),
                .datagram(bytes: [8], credentials: .own),
                .datagram(bytes: [9], credentials: .own),
                .empty,
            ])
        _ = kept
    }

    @Test func aDescriptorSentAlongIsDropped() throws {
        let socket = try DatagramSocket(boundTo: path)
        let sender = try DatagramSender(connectedTo: path)
        var scratch = [UInt8](repeating: 0, count: 64)
        var pair: (kept: StreamSocket, passed: StreamSocket)? = try StreamSocket.pair()
        let kept = try #require(pair?.kept)
        #expect(try sender.send([1], passing: #require(pair?.passed)))
        pair = nil
        #expect(kept.read(into: &scratch) == .wouldBlock)
        #expect(socket.receive(into: &scratch) == .datagram(bytes: [1], credentials: .own))
        #expect(kept.read(into: &scratch) == .closed)
    }

    @Test func aScratchBufferWithoutRoomTruncatesEverything() throws {
        let socket = try DatagramSocket(boundTo: path)
        let sender = try DatagramSender(connectedTo: path)
        var none: [UInt8] = []
        #expect(sender.send([1]) == .sent)
        #expect(socket.receive(into: &none) == .truncated(byteCount: 1, credentials: .own))
        #expect(socket.receive(into: &none) == .empty)
    }

    @Test func theFileIsForItsOwnerAndGoesWithTheSocket() throws {
        var socket: DatagramSocket? = try DatagramSocket(boundTo: path)
        #expect(socket?.path == path)
        #expect(directory.permissions(of: "d.sock") == 0o600)
        socket = nil
        #expect(directory.permissions(of: "d.sock") == nil)
    }

    @Test func aFileThatBecameAnotherOnesStays() throws {
        var first: DatagramSocket? = try DatagramSocket(boundTo: path)
        #expect(directory.remove("d.sock"))
        let second = try DatagramSocket(boundTo: path)
        #expect(first != nil)
        first = nil
        #expect(try DatagramSender(connectedTo: path).send([1]) == .sent)
        #expect(second.path == path)
    }

    @Test func aStaleSocketIsReplaced() throws {
        try directory.leaveStaleSocket("d.sock")
        let socket = try DatagramSocket(boundTo: path)
        #expect(try DatagramSender(connectedTo: path).send([1]) == .sent)
        #expect(socket.path == path)
    }

    @Test func aSocketInUseIsLeftAlone() throws {
        let first = try DatagramSocket(boundTo: path)
        let error = #expect(throws: SystemError.self) { try DatagramSocket(boundTo: path) }
        #expect(error?.errno == EADDRINUSE)
        #expect(error?.path == path)
        #expect(error?.advice == "another process is listening there: stop it first")
        #expect(try DatagramSender(connectedTo: path).send([1]) == .sent)
        var scratch = [UInt8](repeating: 0, count: 8)
        #expect(first.receive(into: &scratch) == .datagram(bytes: [1], credentials: .own))
    }

    @Test func aStreamListenerInTheWayIsInUse() throws {
        let listener = try StreamListener(boundTo: path)
        let error = #expect(throws: SystemError.self) { try DatagramSocket(boundTo: path) }
        #expect(error?.errno == EADDRINUSE)
        #expect(listener.path == path)
    }

    @Test func aFileInTheWayIsNotRemoved() throws {
        try directory.write([1], to: "d.sock")
        let error = #expect(throws: SystemError.self) { try DatagramSocket(boundTo: path) }
        #expect(error?.errno == EADDRINUSE)
        #expect(error?.advice == "it is not a socket: remove it, or choose another path")
        #expect(directory.permissions(of: "d.sock") == 0o600)
    }

    @Test func aMissingDirectoryIsNamed() throws {
        let path = directory.file("no/d.sock")
        let error = #expect(throws: SystemError.self) { try DatagramSocket(boundTo: path) }
        #expect(error?.call == "bind")
        #expect(error?.path == path)
        #expect(error?.errno == ENOENT)
    }
}
