// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc
import Sockets
import Testing

@Suite struct StreamListenerTests {
    @Test func aConnectionIsAcceptedAndCarriesBytes() throws {
        let directory = try ScratchDirectory()
        let listener = try StreamListener(boundTo: directory.file("s.sock"))
        #expect(directory.permissions(of: "s.sock") == 0o600)
        guard case .empty = listener.accept() else {
            Issue.record("nobody has connected yet")
            return
        }
        let client = try StreamSocket(connectedTo: listener.path)
        guard case .connection(let server) = listener.accept() else {
            Issue.record("a client has connected")
            return
        }
        var scratch = [UInt8](repeating: 0, count: 8)
        #expect(client.write([1, 2]) == .wrote(2))
        #expect(server.read(into: &scratch) == .bytes([1, 2]))
        #expect(try server.peerCredentials() == .own)
        #expect(client.path == listener.path)
    }

    @Test func aFullBacklogIsAnErrorThatSaysTryAgain() throws {
        let directory = try ScratchDirectory()
        let listener = try StreamListener(boundTo: directory.file("s.sock"), backlog: 0)
        var clients: [StreamSocket] = []
        let error = #expect(throws: SystemError.self) {
            for _ in 0..<10 { clients.append(try StreamSocket(connectedTo: listener.path)) }
        }
        #expect(error?.errno == EAGAIN)
    }
}
