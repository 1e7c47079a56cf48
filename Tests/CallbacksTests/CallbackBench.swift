// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CallbackCore
import Callbacks
import Foundation
import PeerWire
import Sockets
import Testing

/// Callbacks on a loop, with programs in a folder of their own.
final class CallbackBench {
    struct Late: Error, CustomStringConvertible {
        var description: String
    }

    let scratch: ScratchDirectory
    let loop: EventLoop
    let callbacks: Callbacks

    init(path: String? = nil, sharing other: ScratchDirectory? = nil) throws {
        scratch = try other ?? ScratchDirectory()
        loop = try EventLoop()
        callbacks = Callbacks(path: path ?? scratch.file("callbacks.state"), loop: loop)
    }

    deinit { callbacks.close() }

    /// Makes a shell script.
    func script(_ name: String, _ text: String) throws -> String {
        let path = scratch.file(name)
        try? FileManager.default.removeItem(atPath: path)
        try scratch.write(Array("#!/bin/sh\n\(text)\n".utf8), to: name)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    func callback(
        _ name: String, _ program: String, retries: Int = 0,
        delay: Duration = .milliseconds(1)
    ) -> Callback {
        let isHanging = ["gentle", "stubborn"].contains(name)
        return Callback(
            name: name, program: program, topics: [.node],
            timeout: isHanging ? .milliseconds(200) : .seconds(100), retries: retries,
            retryDelay: delay)
    }

    func start(_ list: [Callback]) { callbacks.start(list) }

    func tell(_ subject: String, _ state: String, details: [ChangeDetail] = []) {
        callbacks.take(
            StateChange(
                topic: .node, subject: subject, state: state, time: 5, details: details))
    }

    func status(_ name: String) -> CallbackStatus? {
        callbacks.reply.statuses.first { $0.name == name }
    }

    /// Turns the loop until something is so.
    func wait(_ what: String, until isSo: () -> Bool) throws {
        let end = EventLoop.clock().advanced(by: .seconds(100))
        while !isSo() {
            guard EventLoop.clock() < end else { throw Late(description: what) }
            try loop.iterate(until: EventLoop.clock().advanced(by: .milliseconds(50)))
        }
    }

    /// Waits until a callback has been told, or given up.
    func waitForEnd(_ name: String) throws -> CallbackStatus {
        try wait("\(name) to end") {
            status(name).map { $0.state == .done || $0.state == .givenUp } ?? false
        }
        return try #require(status(name))
    }
}
