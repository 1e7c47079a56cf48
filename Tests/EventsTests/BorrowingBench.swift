// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import Events
import LegacyWire
import PeerClient
import Sockets
import Testing
import Vocabulary

/// Our daemon's part in the function `event`, beside a legacy event daemon, on this thread.
final class BorrowingBench {
    let lender: LegacyLender
    let loop: EventLoop
    private(set) var news: [EventFunction.News] = []
    private var function: EventFunction?

    private var endpoint: PeerEndpoint?
    private var conversation: EventConversation?

    init(
        _ lender: LegacyLender, _ configure: (inout EventConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = EventConfiguration()
        configure(&configuration)
        self.lender = lender
        loop = try EventLoop()
        let log = try LegacyLog(
            .file(lender.scratch.file("own.log")), level: .debug, name: "ctdb-eventd",
            hostName: "here")
        function = EventFunction(
            configuration, paths: lender.paths, log: log, loop: loop,
            legacySocket: lender.scratch.file("ctdbd.socket"), reload: {}
        ) { [unowned self] news in self.news.append(news) }
    }

    deinit { close() }

    func close() {
        function?.close()
        endpoint?.close()
    }

    /// The directory of the sockets of the new protocol.
    var peerDirectory: String { lender.scratch.file("run/tablecloth") }

    /// Answers the new protocol too.
    func converse() throws {
        guard let function else { return }
        try SocketDirectory.prepare(peerDirectory)
        let endpoint = try PeerEndpoint(
            directory: peerDirectory, service: .event,
            instance: try PeerEndpoint.newInstance(), loop: loop)
        let conversation = EventConversation(function, paths: lender.paths, endpoint: endpoint)
        endpoint.received = { inbound in conversation.take(inbound) }
        self.endpoint = endpoint
        self.conversation = conversation
    }

    var answering: Borrowing.Status { function?.answering ?? .legacy }

    func enter(_ mode: EventFunction.Mode) { function?.enter(mode) }

    /// Enters a mode and waits until it is in effect.
    func become(_ mode: EventFunction.Mode) throws {
        news.removeAll()
        enter(mode)
        try turn(until: "\(mode) is in effect") { news.contains(.entered(mode)) }
    }

    func ask(_ request: EventRequest) throws -> EventReply {
        var reply: EventReply?
        function?.ask(request) { reply = $0 }
        try turn(until: "it is answered") { reply != nil }
        return try #require(reply)
    }

    /// Turns the loop until what was written just now was written some time ago.
    func letFilesAge() throws {
        let end = EventLoop.clock().advanced(byMilliseconds: 100)
        try turn(until: "time has passed") { EventLoop.clock() >= end }
    }

    func turn(
        until what: String, within seconds: UInt64 = 30, _ condition: () throws -> Bool
    ) throws {
        let end = EventLoop.clock().advanced(byMilliseconds: seconds * 1000)
        while try !condition() {
            guard EventLoop.clock() < end else {
                throw TestTrouble.never("\(what); \(news); \(lender.scratch.text("own.log"))")
            }
            try loop.iterate(until: EventLoop.clock().advanced(byMilliseconds: 10))
        }
    }

    /// What comes back over a connection.
    func answer(to client: TestClient) throws -> EventReply {
        var reply: EventReply?
        try turn(until: "an answer comes") {
            reply = try client.receive()
            return reply != nil
        }
        return try #require(reply)
    }
}
