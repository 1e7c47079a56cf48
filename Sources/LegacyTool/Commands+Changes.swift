// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Vocabulary

// What changes the cluster.

extension Commands {
    static func disable(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("disable") }
        return try context.change(.disable, "disabled")
    }

    static func enable(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("enable") }
        return try context.change(.enable, "disabled")
    }

    static func stop(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("stop") }
        return try context.change(.stop, "stopped")
    }

    static func continueNode(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("continue") }
        return try context.change(.resume, "stopped")
    }

    static func ban(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("ban") }
        // The state is looked at before the time.
        if try context.isAlready(.banned, set: true, "banned") { return 0 }
        let time = UInt32(truncatingIfNeeded: try CNumber.parse(arguments[0], base: 0))
        guard time > 0 else {
            context.complain("Ban time cannot be zero\n")
            return CNumber.invalid
        }
        return try context.carryOut(.ban(seconds: time))
    }

    static func unban(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("unban") }
        return try context.change(.unban, "banned")
    }

    static func shutdown(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("shutdown") }
        try context.administer { (administrator) throws(AdministrationFailure) in
            try administrator.shutDown()
        }
        return 0
    }

    static func recover(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("recover") }
        let generation = try context.administer {
            (administrator) throws(AdministrationFailure) in
            try administrator.beginRecovery()
        }
        do throws(ToolExit) {
            try context.administer { (administrator) throws(AdministrationFailure) in
                try administrator.awaitGeneration(otherThan: generation)
            }
        } catch {
            if !error.isFinal { context.complain("Failed to confirm end of recovery\n") }
            throw error
        }
        return 0
    }

    static func reallocate(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("ipreallocate") }
        try context.administer { (administrator) throws(AdministrationFailure) in
            try administrator.reallocate()
        }
        return 0
    }

    static func setLmasterRole(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        let isOn = try context.onOrOff(arguments, "setlmasterrole")
        try context.perform(.setLmasterRole(isOn))
        return 0
    }

    static func setLeaderRole(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        let isOn = try context.onOrOff(arguments, "setleaderrole")
        try context.perform(.setLeaderRole(isOn))
        return 0
    }

    static func reloadNodes(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        _ = try context.nodeMap()
        guard let file = context.nodesFile() else { return 1 }
        let changes = try context.administer { (administrator) throws(AdministrationFailure) in
            try administrator.nodesFileChanges(with: file)
        }
        for change in changes { context.report(change) }
        guard !changes.contains(where: \.isFault) else {
            context.complain("ERROR: Nodes will not be reloaded due to previous error\n")
            return 1
        }
        guard changes.contains(where: \.isReason) else {
            context.complain("No change in nodes file, skipping unnecessary reload\n")
            return 0
        }
        _ = try context.administer { (administrator) throws(AdministrationFailure) in
            try administrator.reloadNodes()
        }
        return 0
    }
}

extension ToolContext {
    /// Makes or ends a state of the node, unless it is so already.
    fileprivate func change(
        _ change: NodeChange, _ word: String
    ) throws(ToolExit) -> Int32 {
        let (flag, isSet) = change.flag
        if try isAlready(flag, set: isSet, word) { return 0 }
        return try carryOut(change)
    }

    fileprivate func isAlready(
        _ flag: NodeFlags, set isSet: Bool, _ word: String
    ) throws(ToolExit) -> Bool {
        do throws(ToolExit) {
            let has = try administer { (administrator) throws(AdministrationFailure) in
                try administrator.hasFlag(flag)
            }
            guard has == isSet else { return false }
        } catch {
            // Whoever cannot see the state makes it.
            if error.isFinal { throw error }
            return false
        }
        let text = isSet ? "already" : "not"
        complain("Node \(node.rawValue) is \(text) \(word)\n")
        return true
    }

    fileprivate func carryOut(_ change: NodeChange) throws(ToolExit) -> Int32 {
        isWaitingForState = true
        defer { isWaitingForState = false }
        try administer { (administrator) throws(AdministrationFailure) in
            try administrator.change(change)
        }
        return 0
    }

    fileprivate func onOrOff(
        _ arguments: [RawText], _ name: String
    ) throws(ToolExit) -> Bool {
        guard arguments.count == 1, arguments[0] == "on" || arguments[0] == "off" else {
            throw usage(name)
        }
        return arguments[0] == "on"
    }

    fileprivate func report(_ change: NodesFileChange) {
        switch change {
        case .missing(let node, let address):
            let text = AddressText.print(address)
            complain("Node \(node.rawValue) (\(text)) missing from nodes file\n")
        case .moved(let node, let was, let now):
            complain(
                """
                Node \(node.rawValue) has changed IP address \
                (was \(AddressText.print(was)), now \(AddressText.print(now)))\n
                """)
        case .disconnected(let node):
            complain(
                """
                WARNING: Node \(node.rawValue) is disconnected. \
                You MUST fix this node manually!\n
                """)
        case .deleted(let node, let isConnected):
            print("Node \(node.rawValue) is DELETED\n")
            if isConnected { complain("ERROR: Node \(node.rawValue) is still connected\n") }
        case .undeleted(let node): print("Node \(node.rawValue) is UNDELETED\n")
        case .added(let node): print("Node \(node.rawValue) is NEW\n")
        }
    }
}
