// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets
import Testing

@Suite struct MailboxTests {
    @Test func valuesArriveInOrderAndWakeTheLoop() throws {
        let mailbox = try Mailbox<Int>()
        let loop = try EventLoop()
        var received: [Int] = []
        _ = try loop.register(mailbox.descriptor, for: .read) { _ in
            received += mailbox.takeAll()
        }
        #expect(try !loop.iterate(until: loop.now))
        mailbox.post(1)
        mailbox.post(2)
        try loop.iterate()
        #expect(received == [1, 2])
        #expect(try !loop.iterate(until: loop.now))
        mailbox.post(3)
        try loop.iterate()
        #expect(received == [1, 2, 3])
    }

    @Test func valuesFromOtherThreadsAllArrive() async throws {
        let mailbox = try Mailbox<Int>()
        await withTaskGroup { group in
            for index in 0..<100 { group.addTask { mailbox.post(index) } }
        }
        #expect(mailbox.takeAll().sorted() == Array(0..<100))
        #expect(mailbox.takeAll() == [])
    }
}
