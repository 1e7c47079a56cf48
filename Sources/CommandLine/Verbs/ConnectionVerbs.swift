// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Presentation
import Sockets
import Vocabulary

/// `ctdb ip connection`: TCP connections that a takeover resets, so that clients come back at once.
enum ConnectionVerbs {
    static let noun = Noun(
        "connection", "TCP connections to public addresses, which a takeover tickles.",
        [list, add, remove, tickle])

    static let list = Verb.read(
        "list", "List the connections of a public address.",
        [
            Parameter("address", .address, "the public address"),
            Parameter("port", .number(1...65_535), "only those to this port", isOptional: true),
        ],
        schema: Schema(
            "ip.connection.list", rows: "connections",
            [
                Column("source", .text, "the client, with its port"),
                Column("destination", .text, "the public address, with its port"),
            ])
    ) { context, invocation throws(Problem) in
        var address = try invocation.address("address")
        if let port = invocation.number(ifGiven: "port") {
            address.port = UInt16(clamping: port)
        }
        let tickles = try context.ask(
            .tickles(address), of: try context.target(),
            "list connections of \(address.text)")
        return Report(
            invocation.verb.schema,
            rows: tickles.connections.map {
                Row([.text($0.source.textWithPort), .text($0.destination.textWithPort)])
            })
    }

    private static let ends = [
        Parameter("source", .endpoint, "the client, as in 10.0.0.9:50000"),
        Parameter("destination", .endpoint, "the public address and its port"),
    ]

    static let add = Verb.control(
        "add", "Remember a connection, so that a takeover tickles it.", ends,
        details: "The node that has the public address takes it; the others learn it from that."
    ) { _, invocation throws(Problem) in
        PlannedControl(.tcpAddDelayedUpdate(try connection(invocation)))
    }.checked { context, invocation throws(Problem) in try check(context, invocation) }

    static let remove = Verb.control("del", "Forget a connection.", ends) {
        _, invocation throws(Problem) in
        PlannedControl(.tcpRemove(try connection(invocation)))
    }.checked { context, invocation throws(Problem) in try check(context, invocation) }

    static let tickle = Verb.change(
        "tickle", "Wake the client of a connection, so that it finds the address again.", ends,
        scope: .none,
        details: "This machine sends the client an empty TCP segment from the public address; the "
            + "client answers to where the address is now. A takeover does this by itself for the "
            + "connections that it knows. Needs root, and no ctdbd."
    ) { _, invocation throws(Problem) in
        let connection = try connection(invocation)
        do throws(SystemError) {
            try TickleSegment.send(to: connection)
        } catch {
            throw Context.system(error, "tickle \(connection.source.textWithPort)")
        }
        return Runner.done(invocation, nodes: [])
    }

    private static func check(
        _ context: Context, _ invocation: Invocation
    ) throws(Problem) {
        let address = try connection(invocation).destination
        for node in try context.targets(.local) {
            try AddressVerbs.checkThat(
                node.pnn, knows: address, context, invocation.path.joined(separator: " "))
        }
    }

    private static func connection(
        _ invocation: Invocation
    ) throws(Problem) -> TCPConnection {
        let source = try invocation.address("source")
        let destination = try invocation.address("destination")
        guard source.isIPv4 == destination.isIPv4 else {
            throw Problem(
                .usage, invocation.path.joined(separator: " "),
                "\(source.textWithPort) and \(destination.textWithPort) are not of one family")
        }
        return TCPConnection(source: source, destination: destination)
    }
}

extension SocketAddress {
    /// Whether it is an IPv4 address.
    fileprivate var isIPv4: Bool { if case .ipv4 = self { true } else { false } }
}
