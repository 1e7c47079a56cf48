// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Presentation
import Vocabulary

/// The verbs of `ctdb ip` that change which node has which address.
enum AddressChangeVerbs {
    static let all = [add, remove, move, reload, AddressReallocateVerb.verb]

    private static let address = Parameter("address", .address, "the public address")

    private static let add = Verb.change(
        "add", "Make a public address known to a node, until its ctdbd ends.",
        [
            Parameter("network", .network, "the address and the length of its prefix"),
            Parameter("interface", .interface, "the interface that it can be on"),
        ],
        details: "What is to last goes into the public_addresses file of the node."
    ) { context, invocation throws(Problem) in
        let (address, prefix) = try invocation.network("network")
        let info = AddressInfo(
            address: address, maskBits: UInt32(prefix),
            interface: try invocation.text("interface"))
        return try each(context, invocation, "add \(address.text)") {
            administrator throws(AdministrationFailure) in try administrator.add(info)
        }
    }.checked { context, invocation throws(Problem) in
        let (address, _) = try invocation.network("network")
        for node in try context.targets(.local) where node.flags.isConnected {
            let list = try context.ask(.publicIPs(onlyAvailable: false), of: node.pnn)
            guard list.addresses.contains(where: { $0.address.isSameHost(as: address) }) else {
                continue
            }
            throw Problem(
                .failed, node: node.pnn.rawValue, "add \(address.text)",
                "the node knows the address already", advice: "ctdb ip list --node all")
        }
    }

    private static let remove = Verb.change(
        "remove", "Make a public address unknown to a node, until its ctdbd ends.", [address]
    ) { context, invocation throws(Problem) in
        let address = try invocation.address("address")
        return try each(context, invocation, "remove \(address.text)") {
            administrator throws(AdministrationFailure) in
            guard try administrator.knows(address) else {
                throw .cannotHost(address, administrator.node)
            }
            try administrator.delete(address)
        }
    }

    private static let move = Verb.change(
        "move", "Move a public address to another node.",
        [address, Parameter("node", .node, "the node that is to have it")], scope: .none,
        details: "The next distribution of addresses may move it again, unless the tunable "
            + "NoIPFailback is 1."
    ) { context, invocation throws(Problem) in
        let address = try invocation.address("address")
        let node = try invocation.node("node")
        _ = try context.these([node])
        let notes = try context.administer("move \(address.text)") {
            administrator throws(AdministrationFailure) in
            try administrator.move(address, to: node)
        }.notes
        return Runner.done(invocation, nodes: [node], notes: notes)
    }

    private static let reload = Verb.change(
        "reload", "Have nodes read their public_addresses files again.",
        details: "Addresses are distributed anew."
    ) { context, invocation throws(Problem) in
        let nodes = try context.targets(.local)
        let outcome = try context.administer("reload addresses") {
            administrator throws(AdministrationFailure) in
            try administrator.reloadAddresses(of: nodes)
        }
        let inactive = nodes.filter(\.flags.isInactive).map(\.pnn)
        let problems =
            outcome.answer.map {
                Problem(
                    .failed, node: $0.rawValue, "reload addresses",
                    "the node refused, or did not answer")
            }
            + inactive.map {
                Problem(
                    .failed, node: $0.rawValue, "reload addresses",
                    "the node is inactive: it was not asked")
            }
        let missing = outcome.answer + inactive
        return Runner.done(
            invocation, nodes: nodes.map(\.pnn).filter { !missing.contains($0) },
            problems: problems, notes: outcome.notes)
    }

    private static func each(
        _ context: Context, _ invocation: Invocation, _ what: String,
        _ work: (Administrator) throws(AdministrationFailure) -> Void
    ) throws(Problem) -> Report {
        var done: [PNN] = []
        var problems: [Problem] = []
        var notes: [String] = []
        for node in try context.targets(.local) {
            do throws(Problem) {
                notes += try context.administer(what, node: node.pnn, work).notes
                done.append(node.pnn)
            } catch {
                problems.append(error)
            }
        }
        return Runner.done(
            invocation, isDone: problems.isEmpty, nodes: done, problems: problems, notes: notes)
    }
}
