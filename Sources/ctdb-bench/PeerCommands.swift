// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import BenchKit
import PeerWire
import Sockets
import Vocabulary

/// Daemon of the echo service.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer each request with its payload, and count messages.",
        discussion: "Prints the counts on SIGUSR1, and when SIGTERM ends it.")

    @OptionGroup var place: Place

    @Option(help: "The service to provide.")
    var service = "echo"

    func validate() throws {
        if Service(name: service) == nil {
            throw ValidationError("There is no service \"\(service)\".")
        }
    }

    func run() throws {
        try Self.run(Service(name: service) ?? .echo, place)
    }

    /// Serves until it is told to stop.
    static func run(_ service: Service, _ place: Place) throws {
        try Command.measure { () throws(BenchError) in
            try EchoService(directory: place.runDirectory, service: service).run {
                StandardError.write(Array("\($0)\n".utf8))
            }
        }
    }
}

/// Round trips to the echo service of a node.
struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep requests under way to the echo service of a node.")

    @OptionGroup var place: Place
    @OptionGroup var shape: Shape

    @Option(help: "The node.")
    var node: UInt32

    @Flag(help: "Use the urgent lane.")
    var urgent = false

    func run() throws {
        try Command.show(json: shape.json) { () throws(BenchError) in
            try PeerLoad(
                directory: place.runDirectory, node: PNN(rawValue: node),
                lane: urgent ? .urgent : .normal, plan: shape.plan
            ).run()
        }
    }
}

/// Large messages to the echo service of a node.
struct Bulk: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send large messages, one after the other; each is waited for.")

    @OptionGroup var place: Place

    @Option(help: "The node.")
    var node: UInt32

    @Option(help: "The bytes of each message.")
    var bytes = ByteCount(256 << 20)

    @Option(name: .customLong("repeat"), help: "So many messages.")
    var times = 1

    func run() throws {
        try OneWayShape(place: place, node: node, bytes: bytes.value, count: times, outstanding: 1)
            .run(progress: false)
    }
}

/// Many messages to the echo service of a node.
struct Flood: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send messages as fast as the window allows.")

    @OptionGroup var place: Place

    @Option(help: "The node.")
    var node: UInt32

    @Option(help: "The bytes of all messages together.")
    var bytes = ByteCount(1 << 30)

    @Option(help: "The bytes of each message.")
    var chunk = ByteCount(1 << 20)

    @Option(help: "So many messages are given to the endpoint at a time.")
    var outstanding = 16

    @Flag(help: "Tell five times a second how far it is.")
    var progress = false

    func validate() throws {
        if chunk.value == 0 { throw ValidationError("A message has to have a byte.") }
    }

    func run() throws {
        let count = (bytes.value + chunk.value - 1) / chunk.value
        try OneWayShape(
            place: place, node: node, bytes: chunk.value, count: count, outstanding: outstanding
        ).run(progress: progress)
    }
}

/// Messages without an answer.
struct OneWayShape {
    var place: Place
    var node: UInt32
    var bytes: Int
    var count: Int
    var outstanding: Int

    func run(progress: Bool) throws {
        try Command.measure { () throws(BenchError) in
            let load = try OneWayLoad(
                directory: place.runDirectory, node: PNN(rawValue: node), byteCount: bytes,
                messageCount: max(count, 1), outstanding: max(outstanding, 1))
            let end = try load.run { state in
                if progress { StandardError.write(Array("\(state.text)\n".utf8)) }
            }
            print(end.text)
            if end.failed > 0 { throw .failed(end.failed) }
        }
    }
}
