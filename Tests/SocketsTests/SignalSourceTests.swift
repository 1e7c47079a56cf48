// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets
import Testing

@Suite struct SignalSourceTests {
    @Test func aSignalBecomesSomethingToRead() throws {
        let source = try SignalSource([.user1, .hangup])
        #expect(source.next() == nil)
        let loop = try EventLoop()
        var received: [Signal] = []
        let token = try loop.register(source.descriptor, for: .read) { _ in
            while let signal = source.next() { received.append(signal) }
        }
        Signal.user1.raiseHere()
        Signal.hangup.raiseHere()
        #expect(received == [])
        try loop.iterate()
        #expect(Set(received) == [.user1, .hangup])
        #expect(source.next() == nil)
        loop.remove(token)
    }
}
