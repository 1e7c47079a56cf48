// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import PeerClient
import PeerWire
import Sockets
import Vocabulary

/// Makes traffic whose two logs tell what became of each message; a tool of the tests.
@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctdb-traffic",
        abstract: "Send and receive messages, and log each of them: a tool of the tests.",
        subcommands: [ReceiveCommand.self, SendCommand.self, RawCommand.self])
}

/// What every kind of traffic is told.
struct CommonOptions: ParsableArguments {
    @Option(help: "The directory of the sockets of this node's daemons.")
    var runDirectory: String

    @Option(help: "The name of the service that receives, or its number as service-N.")
    var service: Service

    @Option(help: "The file that lines are appended to.")
    var log: String
}

extension Service: ExpressibleByArgument {
    /// Reads a service's name.
    public init?(argument: String) { self.init(name: argument) }
}

/// Provides a service.
struct ReceiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receive",
        abstract: "Provide a service: log each message before it counts as taken.",
        discussion: """
            One line for each message or request: the source's instance and the message's id \
            (hexadecimal), its procedure, which is the sender's sequence number, its bytes, the \
            CRC-32C of them, and the source's node. One for each stream: "stream", its name, its \
            bytes, their CRC-32C, and how it ended. Ends on SIGTERM, or with its parent.
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "Do not answer requests.")
    var mute = false

    @Option(help: "Use up so many bytes of a stream every 20 milliseconds; 0: all at once.")
    var pace = 0

    func run() throws {
        ProcessEnvironment.limitHeaps()
        let receiver = try Receiver(common, mute: mute, pace: pace)
        try receiver.run()
    }
}

/// Sends to a service.
struct SendCommand: ParsableCommand {
    enum Kind: String, ExpressibleByArgument {
        case message
        case request
        case stream
    }

    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send to a service, and log what became of each message.",
        discussion: """
            The first line is "instance" and the sender's own (hexadecimal). Then "sent", the \
            sequence number, bytes and CRC-32C in front of each message; and "done", the sequence \
            number, what became of it, and how many milliseconds after it was sent: "delivered"; \
            "answered" with bytes and CRC-32C; "failed" with the reason and "possibly" or "never"; \
            "broadcast" with the nodes reached, and those failed with reasons. SIGTERM ends the \
            sending and waits for what is under way.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "A node number, or current, all, active or connected.")
    var node: PNN

    @Option(help: "What is sent: message, request or stream.")
    var kind = Kind.message

    @Option(help: "So many messages; 0: until SIGTERM. Of a stream: its bytes.")
    var count = 0

    @Option(help: "So many a second at most; 0: as fast as they are taken.")
    var rate = 0

    @Option(help: "So many may be under way at a time.")
    var outstanding = 64

    @Option(help: "Bytes of a message; several sizes, with commas between, take turns.")
    var size = "64"

    @Option(help: "Milliseconds for which a message is worth anything.")
    var timeout: UInt32?

    @Flag(help: "Send in the urgent lane.")
    var urgent = false

    func run() throws {
        ProcessEnvironment.limitHeaps()
        let sender = try Sender(self)
        try sender.run()
    }

    /// The sizes that take turns.
    func sizes() throws -> [Int] {
        let sizes = size.split(separator: ",").compactMap { Int($0) }
        guard !sizes.isEmpty, sizes.allSatisfy({ $0 >= 0 }) else {
            throw ValidationError("not a list of sizes: \(size)")
        }
        return sizes
    }
}

extension PNN: ExpressibleByArgument {
    /// Reads a node's number, or the name of a group of nodes.
    public init?(argument: String) {
        switch argument {
        case "current": self = .current
        case "all": self = .broadcastAll
        case "active": self = .broadcastActive
        case "connected": self = .broadcastConnected
        default:
            guard let number = UInt32(argument) else { return nil }
            self.init(rawValue: number)
        }
    }
}

/// Sends bytes that mean nothing.
struct RawCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "raw",
        abstract: "Send datagrams of zeros to a socket, as whoever runs this.")

    @Option(help: "The socket.")
    var path: String

    @Option(help: "How many datagrams.")
    var count = 1

    @Option(help: "Bytes of each.")
    var size = 100

    func run() throws {
        let sender = try DatagramSender(connectedTo: path)
        for _ in 0..<count {
            let outcome = sender.send([UInt8](repeating: 0, count: size))
            guard case .sent = outcome else { throw ValidationError("not sent: \(outcome)") }
        }
    }
}
