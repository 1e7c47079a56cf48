// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Sockets
import Vocabulary

// The nodes and their states.

extension Commands {
    static func version(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        context.print("\(context.environment.version)\n")
        return 0
    }

    static func nodeNumber(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        context.print("\(context.localNode.rawValue)\n")
        return 0
    }

    static func leader(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        context.printNode(try context.leader())
        return 0
    }

    static func status(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("status") }
        let map = try context.withUnknownStates(try context.nodeMap())
        if context.options.isMachineReadable {
            context.printForPrograms(map)
            return 0
        }
        let vnnMap = try context.ask(.vnnMap)
        let mode = try context.ask(.recoveryMode)
        let leader = try context.leader()
        context.printForPeople(map, withCount: true)
        context.print(
            vnnMap.generation == .invalid
                ? "Generation:INVALID\n" : "Generation:\(vnnMap.generation.rawValue)\n")
        context.print("Size:\(vnnMap.nodes.count)\n")
        for (index, node) in vnnMap.nodes.enumerated() {
            context.print("hash:\(index) lmaster:\(Int32(bitPattern: node.rawValue))\n")
        }
        let word: RawText = mode == .normal ? "NORMAL" : "RECOVERY"
        context.print("Recovery mode:\(word) (\(Int32(bitPattern: mode.rawValue)))\n")
        context.print("Leader:")
        context.printNode(leader)
        return 0
    }

    static func nodeStatus(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count <= 1 else { throw context.usage("nodestatus") }
        let nodes = try context.nodes(arguments.first)
        let map = try context.withUnknownStates(nodes)
        if context.options.isMachineReadable {
            context.printForPrograms(map)
        } else {
            context.printForPeople(map, withCount: arguments.first.map { $0 == "all" } ?? false)
        }
        let present = map.nodes.filter { !$0.flags.contains(.deleted) }
        return Int32(bitPattern: present.reduce(0) { $0 | $1.flags.rawValue })
    }

    static func listNodes(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("listnodes") }
        guard let map = context.nodesFile() else { return 1 }
        for node in map.nodes where !node.flags.contains(.deleted) {
            let address = RawText(AddressText.print(node.address))
            if context.options.isMachineReadable {
                context.printColumns(["\(node.pnn.rawValue)", address])
            } else {
                context.print("\(address)\n")
            }
        }
        return 0
    }
}

extension ToolContext {
    /// Prints a node's number, or that there is none.
    func printNode(_ node: PNN) {
        print(node == .unknown ? "UNKNOWN\n" : "\(node.rawValue)\n")
    }

    /// The leader, when it speaks in time.
    func leader() throws(ToolExit) -> PNN {
        try administer { (administrator) throws(AdministrationFailure) in
            try administrator.leader()
        }
    }

    /// The nodes that an argument lists: numbers between commas, or `all`; without one, the node
    /// that is meant.
    func nodes(_ list: RawText?) throws(ToolExit) -> NodeMap {
        let map = try nodeMap()
        guard let list else {
            return NodeMap(nodes: map.nodes.filter { $0.pnn == node })
        }
        if list == "all" { return map }
        var nodes: [NodeMap.Node] = []
        for word in list.bytes.split(separator: UInt8(ascii: ",")) {
            let text = RawText(bytes: word)
            guard let number = try? CNumber.parse(text, base: 0) else {
                complain("Invalid node \(text)\n")
                throw ToolExit(1)
            }
            let pnn = PNN(rawValue: UInt32(truncatingIfNeeded: number))
            guard let node = map.nodes.first(where: { $0.pnn == pnn }) else {
                complain("Node \(pnn.rawValue) does not exist\n")
                throw ToolExit(1)
            }
            nodes.append(node)
        }
        return NodeMap(nodes: nodes)
    }

    /// The nodes, of which the others are in an unknown state as long as the asked one starts.
    func withUnknownStates(_ map: NodeMap) throws(ToolExit) -> NodeMap {
        let state: RunState
        do throws(ToolExit) {
            state = try ask(.runState)
        } catch {
            guard !error.isFinal else { throw error }
            print("Unable to get runstate")
            throw ToolExit(1)
        }
        guard state.rawValue <= RunState.firstRecovery.rawValue else { return map }
        return NodeMap(
            nodes: map.nodes.map { entry in
                var entry = entry
                if entry.flags.isConnected, entry.pnn != node {
                    entry.flags = FlagNames.unknown
                }
                return entry
            })
    }

    func isPartiallyOnline(_ node: NodeMap.Node) -> Bool {
        // What fails is logged, and the node counts as online.
        let answer = try? administer { (administrator) throws(AdministrationFailure) in
            try administrator.isPartiallyOnline(node)
        }
        return answer ?? false
    }

    /// A line for each node with a column for each state.
    func printForPrograms(_ map: NodeMap) {
        printColumns([
            "Node", "IP", "Disconnected", "Unknown", "Banned", "Disabled", "Unhealthy", "Stopped",
            "Inactive", "PartiallyOnline", "ThisNode",
        ])
        let states: [NodeFlags] = [
            .disconnected, FlagNames.unknown, .banned, .permanentlyDisabled, .unhealthy, .stopped,
            .inactive,
        ]
        for entry in map.nodes where !entry.flags.contains(.deleted) {
            let flags = states.map { state -> RawText in
                entry.flags.isDisjoint(with: state) ? "0" : "1"
            }
            let address = RawText(AddressText.print(entry.address))
            printColumns(
                ["\(entry.pnn.rawValue)", address] + flags + [
                    isPartiallyOnline(entry) ? "1" : "0", entry.pnn == node ? "Y" : "N",
                ])
        }
    }

    /// A line for each node with its states in words.
    func printForPeople(_ map: NodeMap, withCount: Bool) {
        let deleted = map.nodes.count { $0.flags.contains(.deleted) }
        if withCount {
            print(
                deleted == 0
                    ? "Number of nodes:\(map.nodes.count)\n"
                    : "Number of nodes:\(map.nodes.count) (including \(deleted) deleted nodes)\n")
        }
        for entry in map.nodes where !entry.flags.contains(.deleted) {
            let address = AddressText.print(entry.address).padded(to: 16)
            let state = isPartiallyOnline(entry) ? "PARTIALLYONLINE" : FlagNames.print(entry.flags)
            let this = entry.pnn == node ? " (THIS NODE)" : ""
            print("pnn:\(entry.pnn.rawValue) \(address) \(state)\(this)\n")
        }
    }
}
