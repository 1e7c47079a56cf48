// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// `ctdb ip`: public addresses, and the interfaces and connections that belong to them.
enum AddressVerbs {
    static let noun = Noun(
        "ip", "Public addresses, which move between nodes.",
        [list, show] + AddressPlanVerbs.all + AddressChangeVerbs.all + [announce]
            + AddressDaemonVerbs.all,
        nouns: [
            ConnectionVerbs.noun, interfaces, NodeGroupVerbs.gateway, NodeGroupVerbs.balancer,
        ])

    static let addressColumn = Column("address", .text, "the public address")

    static let list = Verb.read(
        "list", "List public addresses and the nodes that have them.",
        schema: Schema(
            "ip.list", rows: "addresses",
            [
                addressColumn,
                Column("node", .number, "the node that has it; none if no node has it"),
                Column("known_on", .numbers, "the nodes that are up and configured to have it"),
            ]),
        details: "The local node is asked for the addresses that it is configured with; "
            + "--node all asks every node, and joins their answers. The other nodes are asked only "
            + "which of these addresses they know."
    ) { context, invocation throws(Problem) in
        let nodes = try context.targets(.local)
        var notes: [String] = []
        var order: [SocketAddress] = []
        var known: [SocketAddress: (host: PNN, on: [PNN])] = [:]
        var problems: [Problem] = []
        for answered in try context.ask(.publicIPs(onlyAvailable: false), ofEach: nodes) {
            switch answered.result {
            case .failure(let failure):
                problems.append(context.problem(failure))
            case .success(let list):
                for ip in list.addresses.reversed() {
                    if known[ip.address] == nil { order.append(ip.address) }
                    var entry = known[ip.address] ?? (.unknown, [])
                    entry.on.append(answered.node.pnn)
                    // The node that has an address knows best.
                    if ip.pnn == answered.node.pnn || !entry.host.isNode { entry.host = ip.pnn }
                    known[ip.address] = entry
                }
            }
        }
        if order.isEmpty, let only = problems.first, nodes.count == 1 { throw only }
        // Who is not meant is asked, too, for a column that knows only a part would mislead.
        let others = try context.nodes().filter { node in
            node.flags.isConnected && !nodes.contains { $0.pnn == node.pnn }
        }
        let answers = try context.session().ask(
            .publicIPs(onlyAvailable: false), ofEach: others.map(\.pnn),
            within: min(context.rest, .seconds(3)))
        for (node, answer) in zip(others, answers) {
            guard case .success(let list) = answer else {
                notes.append("node \(node.pnn) does not answer, and is not in KNOWN ON")
                continue
            }
            for ip in list.addresses { known[ip.address]?.on.append(node.pnn) }
        }
        let rows = order.map { address in
            let host = known[address]?.host ?? .unknown
            return Row(
                [
                    .text(address.text), Describe.node(host),
                    .list(
                        (known[address]?.on ?? []).map(\.rawValue).sorted().map { .number($0) }),
                ], tone: host.isNode ? .good : .bad)
        }
        return Report(
            invocation.verb.schema, rows: rows,
            problems: Context.settled(problems, among: nodes.count),
            notes: notes)
    }

    static let show = Verb.read(
        "show", "Show a public address and the interfaces that it can be on.",
        [Parameter("address", .address, "the public address")],
        schema: Schema(
            "ip.show",
            facts: [
                addressColumn,
                Column("node", .number, "the node that has it; none if no node has it"),
                Column("interface", .text, "the interface that it is on, on the node asked"),
            ],
            tables: [Schema.Table("interfaces", interfaceColumns)])
    ) { context, invocation throws(Problem) in
        let address = try invocation.address("address")
        let node = try context.target()
        try checkThat(node, knows: address, context, "show \(address.text)")
        let info = try context.ask(.publicIPInfo(address), of: node, "show \(address.text)")
        let active = Int(info.activeIndex)
        return Report(
            invocation.verb.schema,
            facts: [
                .text(info.publicIP.address.text), Describe.node(info.publicIP.pnn),
                info.interfaces.indices.contains(active)
                    ? .text(info.interfaces[active].name) : .none,
            ], tables: [info.interfaces.map { Row(row($0)) }])
    }

    /// A public address has to be known to a node; ctdbd itself does not say so.
    static func checkThat(
        _ node: PNN, knows address: SocketAddress, _ context: Context, _ what: String
    ) throws(Problem) {
        let list = try context.ask(.publicIPs(onlyAvailable: false), of: node, what)
        guard !list.addresses.contains(where: { $0.address.isSameHost(as: address) }) else {
            return
        }
        throw Problem(
            .failed, node: node.rawValue, what,
            "\(address.text) is not a public address of node \(node)",
            advice: "ctdb ip list --node all says which node knows which")
    }

    static let announce = Verb.control(
        "announce", "Tell the neighbours where an address is, by a gratuitous ARP.",
        [
            Parameter("address", .address, "the public address"),
            Parameter("interface", .interface, "the interface that it is announced on"),
        ]
    ) { _, invocation throws(Problem) in
        PlannedControl(
            .sendGratuitousARP(
                AddressInfo(
                    address: try invocation.address("address"), maskBits: 0,
                    interface: try invocation.text("interface"))))
    }

    // MARK: Interfaces

    static let interfaceColumns = [
        Column("interface", .text, "the interface"),
        Column("link", .text, "`up` or `down`"),
        Column("addresses", .number, "public addresses that are on it"),
    ]

    static func row(_ interface: NetworkInterface) -> [Value] {
        [
            .text(interface.name), .text(interface.linkState == 0 ? "down" : "up"),
            .number(interface.references),
        ]
    }

    static let interfaces = Noun(
        "interface", "Network interfaces that public addresses can be on.",
        [
            Verb.read(
                "list", "List interfaces and their links.",
                schema: Schema(
                    "ip.interface.list", rows: "interfaces",
                    [NodeVerbs.nodeColumn] + interfaceColumns)
            ) { context, invocation throws(Problem) in
                try context.perNode(invocation, .interfaces) { _, list in
                    list.interfaces.map {
                        Row(row($0), tone: $0.linkState == 0 ? .bad : .good)
                    }
                }
            },
            Verb.control(
                "set", "Tell ctdbd whether the link of an interface is up.",
                [
                    Parameter("interface", .interface, "the interface"),
                    Parameter("link", .choice(["up", "down"]), "up or down"),
                ]
            ) { _, invocation throws(Problem) in
                PlannedControl(
                    .setInterfaceLinkState(
                        NetworkInterface(
                            name: try invocation.text("interface"),
                            linkState: try invocation.text("link") == "up" ? 1 : 0,
                            references: 0)))
            }.checked { context, invocation throws(Problem) in
                let name = try invocation.text("interface")
                for node in try context.targets(.local) {
                    let known = try context.ask(.interfaces, of: node.pnn).interfaces.map(\.name)
                    guard !known.contains(name) else { continue }
                    throw Problem(
                        .failed, node: node.pnn.rawValue, "set the link of \(name)",
                        "no public address can be on such an interface",
                        advice: known.isEmpty
                            ? "the node has none" : "it has \(known.joined(separator: ", "))")
                }
            },
        ])
}
