// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Sockets
import Vocabulary

// Connections to public addresses, which are woken by a stray segment after a move.

extension Commands {
    static func tickle(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty || arguments.count == 2 else { throw context.usage("tickle") }
        if arguments.isEmpty {
            let failed = try context.connections().filter { !context.sendTickle($0) }.count
            guard failed > 0 else { return 0 }
            context.complain("Failed to send \(failed) tickles\n")
            return 1
        }
        guard context.sendTickle(try context.connection(arguments)) else {
            context.complain("Failed to send tickle ack\n")
            return -1
        }
        return 0
    }

    static func listTickles(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard (1...2).contains(arguments.count) else { throw context.usage("gettickles") }
        let port = arguments.count == 2 ? try CNumber.parse(arguments[1], base: 10) : 0
        _ = try context.address(arguments[0])
        let address = AddressText.parse(
            arguments[0], port: UInt16(truncatingIfNeeded: port))
        guard let address else { return 1 }
        let list = try context.ask(
            .tickles(address), complaint: "Failed to get list of connections\n")
        if context.options.isMachineReadable {
            // The misspelt word is part of the format.
            context.printColumns(["Source IP", "Port", "Destiation IP", "Port"])
            for connection in list.connections {
                context.printColumns(
                    [connection.source, connection.destination].flatMap { end -> [RawText] in
                        [RawText(AddressText.print(end)), "\(AddressText.port(of: end))"]
                    })
            }
            return 0
        }
        context.print("Connections for IP: \(AddressText.print(list.address))\n")
        context.print("Num connections: \(list.connections.count)\n")
        for connection in list.connections {
            let source = AddressText.printWithPort(connection.source)
            let destination = AddressText.printWithPort(connection.destination)
            context.print("SRC: \(source)   DST: \(destination)\n")
        }
        return 0
    }

    static func addTickle(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty || arguments.count == 2 else { throw context.usage("addtickle") }
        if arguments.isEmpty {
            return try context.performEach("add") { .tcpAddDelayedUpdate($0) }
        }
        let connection = try context.connection(arguments)
        try context.perform(
            .tcpAddDelayedUpdate(connection), complaint: "Failed to register connection\n")
        return 0
    }

    static func deleteTickle(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty || arguments.count == 2 else { throw context.usage("deltickle") }
        if arguments.isEmpty { return try context.performEach("remove") { .tcpRemove($0) } }
        let connection = try context.connection(arguments)
        try context.perform(
            .tcpRemove(connection), complaint: "Failed to unregister connection\n")
        return 0
    }
}

/// Lists of connections: two addresses with ports a line.
package enum ConnectionList {
    /// The legacy tool copies lines into so many bytes, a NUL included.
    private static let lineLimit = 128
    private static let blanks: Set<UInt8> = Set(" \t\n".utf8)

    /// Reads a list.
    ///
    /// - Parameter bytes: lines; what is behind the last newline is passed over.
    /// - Returns: the connections in their order.
    /// - Throws: EINVAL for a line that has no two addresses of one family.
    package static func parse(_ bytes: [UInt8]) throws(ToolExit) -> [TCPConnection] {
        var connections: [TCPConnection] = []
        for line in bytes.split(
            omittingEmptySubsequences: false,
            whereSeparator: {
                $0 == 0x0A || $0 == 0
            }
        ).dropLast() {
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            let words = line.split(whereSeparator: blanks.contains)
            guard line.count < lineLimit, words.count >= 2,
                let source = AddressText.parseWithPort(RawText(bytes: words[0])),
                let destination = AddressText.parseWithPort(RawText(bytes: words[1])),
                AddressText.family(source) == AddressText.family(destination)
            else { throw ToolExit(CNumber.invalid) }
            connections.append(TCPConnection(source: source, destination: destination))
        }
        return connections
    }
}

extension ToolContext {
    /// The connection that two arguments are; without one the command ends with 1.
    fileprivate func connection(_ arguments: [RawText]) throws(ToolExit) -> TCPConnection {
        var ends: [SocketAddress] = []
        for argument in arguments {
            guard let address = AddressText.parseWithPort(argument) else {
                complain("Invalid IP address \(argument)\n")
                throw ToolExit(1)
            }
            ends.append(address)
        }
        return TCPConnection(source: ends[0], destination: ends[1])
    }

    /// The connections that standard input lists.
    fileprivate func connections() throws(ToolExit) -> [TCPConnection] {
        var bytes: [UInt8] = []
        do throws(SystemError) {
            while true {
                let more = try StandardStreams.read()
                if more.isEmpty { break }
                bytes += more
            }
        } catch {
            throw ToolExit(error.errno)
        }
        return try ConnectionList.parse(bytes)
    }

    /// Does something for each connection that standard input lists, all at once.
    fileprivate func performEach(
        _ verb: String, _ request: (TCPConnection) -> ControlRequest
    ) throws(ToolExit) -> Int32 {
        let connections = try connections()
        let session = try session
        let questions = connections.map {
            LegacySession.Question<UInt32>(.command(request($0)), of: node)
        }
        var failed = 0
        for result in session.ask(questions, within: options.limit) {
            guard case .failure(let failure) = result else { continue }
            if failure.code.isFinal { throw logged(failure) }
            failed += 1
        }
        guard failed > 0 else { return 0 }
        complain("Failed to \(verb) \(failed) tickles\n")
        return 1
    }

    /// Sends the segment that wakes a connection; complains when it cannot be sent.
    fileprivate func sendTickle(_ connection: TCPConnection) -> Bool {
        do throws(SystemError) {
            try TickleSegment.send(to: connection)
            return true
        } catch {
            log(.error, Self.tickleComplaint(about: error, to: connection.source))
            return false
        }
    }

    /// What the legacy tool logs when a segment was not sent.
    private static func tickleComplaint(
        about error: SystemError, to address: SocketAddress
    ) -> RawText {
        let place = "ctdb_sys_send_tcp"
        if case .other = address { return "\(place): Not an ipv4/v6 address\n" }
        var isIPv6 = false
        if case .ipv6 = address { isIPv6 = true }
        return switch error.call {
        case "socket" where isIPv6: "\(place): Failed to open sending socket\n"
        case "socket": "\(place): Failed to open raw socket (\(error.reason))\n"
        case "setsockopt": "\(place): Failed to setup IP headers (\(error.reason))\n"
        default: "Failed sendto (\(error.reason))\n"
        }
    }
}
