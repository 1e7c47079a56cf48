// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc
import Sockets
import Testing

@Suite struct UnixPathTests {
    @Test func aPathOf107BytesIsTheLongest() throws {
        try UnixPath.check(String(repeating: "x", count: 107), call: "bind")
        let path = String(repeating: "x", count: 108)
        let error = #expect(throws: SystemError.self) {
            try UnixPath.check(path, call: "bind")
        }
        #expect(error?.errno == ENAMETOOLONG)
        #expect(error?.path == path)
        #expect(error?.advice == "108 bytes; the limit is 107: use a shorter directory")
    }

    @Test func whatCannotBeAPathIsRefused() {
        for path in ["", "a\0b"] {
            let error = #expect(throws: SystemError.self) {
                try UnixPath.check(path, call: "connect")
            }
            #expect(error?.errno == EINVAL)
        }
    }

    @Test func theLongestPathCanBeBoundAndReached() throws {
        let directory = try ScratchDirectory()
        let missing = 107 - directory.file("").utf8.count
        let path = directory.file(String(repeating: "s", count: missing))
        let socket = try DatagramSocket(boundTo: path)
        #expect(try DatagramSender(connectedTo: path).send([1]) == .sent)
        var scratch = [UInt8](repeating: 0, count: 16)
        #expect(socket.receive(into: &scratch) == .datagram(bytes: [1], credentials: .own))
        #expect(throws: SystemError.self) { try DatagramSocket(boundTo: path + "s") }
        #expect(throws: SystemError.self) { try DatagramSender(connectedTo: path + "s") }
        #expect(throws: SystemError.self) { try StreamSocket(connectedTo: path + "s") }
    }
}
