// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Vocabulary

// Public addresses.

extension Commands {
    static func publicAddresses(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count <= 1, arguments.first.map({ $0 == "all" }) ?? true else {
            throw context.usage("ip")
        }
        let ofAll = !arguments.isEmpty
        let known = ofAll ? try context.allAddresses() : try context.ask(.publicIPs()).addresses
        let addresses = known.sorted { AddressText.areInOrder($0.address, $1.address) }
        var infos: [PublicIPInfo?] = []
        for entry in addresses {
            let host = ofAll ? entry.pnn : context.node
            infos.append(
                host == .unknown
                    ? nil : try context.ask(.publicIPInfo(entry.address), of: host))
        }
        context.printHeader(ofAll: ofAll)
        for (entry, info) in zip(addresses, infos) { context.print(entry, info) }
        return 0
    }

    static func publicAddress(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("ipinfo") }
        let address = try context.address(arguments[0])
        let node = context.node.rawValue
        let info: PublicIPInfo
        do throws(ToolExit) {
            info = try context.ask(.publicIPInfo(address))
        } catch {
            if error.code == -1 {
                context.print("Node \(node) does not know about IP \(arguments[0])\n")
            }
            throw error
        }
        let text = AddressText.print(info.publicIP.address)
        context.print("Public IP[\(text)] info on node \(node)\n")
        context.print("IP:\(text)\nCurrentNode:\(info.publicIP.pnn.rawValue)\n")
        context.print("NumInterfaces:\(info.interfaces.count)\n")
        for (index, interface) in info.interfaces.enumerated() {
            let link = interface.linkState == 0 ? "down" : "up"
            let active = UInt32(index) == info.activeIndex ? " (active)" : ""
            context.print(
                """
                Interface[\(index + 1)]: Name:\(interface.name) Link:\(link) \
                References:\(interface.references)\(active)\n
                """)
        }
        return 0
    }

    static func interfaces(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("ifaces") }
        let list = try context.ask(.interfaces).interfaces
        guard !list.isEmpty else {
            context.print("No interfaces configured on node \(context.node.rawValue)\n")
            return 0
        }
        let forPrograms = context.options.isMachineReadable
        if forPrograms {
            context.printColumns(["Name", "LinkStatus", "References"])
        } else {
            context.print("Interfaces on node \(context.node.rawValue)\n")
        }
        for interface in list {
            if forPrograms {
                context.printColumns([
                    RawText(interface.name), "\(interface.linkState)", "\(interface.references)",
                ])
            } else {
                let link = interface.linkState == 0 ? "down" : "up"
                context.print(
                    "name:\(interface.name) link:\(link) references:\(interface.references)\n")
            }
        }
        return 0
    }

    static func setInterfaceLink(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 2 else { throw context.usage("setifacelink") }
        let name = arguments[0]
        guard name.bytes.count <= 16 else {
            context.complain("Interface name '\(name)' too long\n")
            return 1
        }
        let node = context.node.rawValue
        let list = try context.ask(
            .interfaces, complaint: "Failed to get interface information from node \(node)\n")
        guard var interface = list.interfaces.first(where: { name == $0.name }) else {
            context.print("Interface \(name) not configured on node \(node)\n")
            return 1
        }
        guard arguments[1] == "up" || arguments[1] == "down" else {
            throw context.usage("setifacelink")
        }
        interface.linkState = arguments[1] == "up" ? 1 : 0
        interface.references = 0
        try context.perform(.setInterfaceLinkState(interface))
        return 0
    }

    static func moveAddress(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 2 else { throw context.usage("moveip") }
        let address = try context.address(arguments[0])
        let number = try? CNumber.parse(arguments[1], base: 10)
        let target = PNN(rawValue: UInt32(truncatingIfNeeded: number ?? UInt64(UInt32.max)))
        guard target != .unknown else {
            context.complain("Invalid PNN \(arguments[1])\n")
            return 1
        }
        do throws(ToolExit) {
            try context.administer { (administrator) throws(AdministrationFailure) in
                try administrator.move(address, to: target)
            }
        } catch {
            if !error.isFinal {
                context.complain("Failed to move IP \(arguments[0]) to node \(target.rawValue)\n")
            }
            throw error
        }
        return 0
    }

    static func addAddress(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 2 else { throw context.usage("addip") }
        guard let (address, bits) = AddressText.parseWithMask(arguments[0]) else {
            context.complain("Invalid IP/Mask \(arguments[0])\n")
            return 1
        }
        guard try !context.knows(address) else {
            context.complain("Node already knows about IP \(AddressText.print(address))\n")
            return 0
        }
        let info = AddressInfo(
            address: address, maskBits: bits, interface: arguments[1].string)
        try context.administer { (administrator) throws(AdministrationFailure) in
            try administrator.add(info)
        }
        return 0
    }

    static func deleteAddress(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("delip") }
        let address = try context.address(arguments[0])
        guard try context.knows(address) else {
            let text = AddressText.print(address)
            context.complain("Node does not know about IP address \(text)\n")
            return 0
        }
        try context.administer { (administrator) throws(AdministrationFailure) in
            try administrator.delete(address)
        }
        return 0
    }

    static func reloadAddresses(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count <= 1 else { throw context.usage("reloadips") }
        let nodes = try context.nodes(arguments.first).nodes
        _ = try context.administer { (administrator) throws(AdministrationFailure) in
            try administrator.reloadAddresses(of: nodes)
        }
        return 0
    }

    static func announceAddress(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 2 else { throw context.usage("gratarp") }
        let address = try context.address(arguments[0])
        // The legacy tool leaves the mask to chance; ctdbd does not look at it.
        let info = AddressInfo(
            address: address, maskBits: 0, interface: arguments[1].string)
        try context.perform(
            .sendGratuitousARP(info),
            complaint: "Unable to send gratuitous arp from node \(context.node.rawValue)\n")
        return 0
    }
}

extension ToolContext {
    /// The address that an argument is; without one the command ends with 1.
    func address(_ argument: RawText) throws(ToolExit) -> SocketAddress {
        if let address = AddressText.parse(argument) { return address }
        complain("Invalid IP address \(argument)\n")
        throw ToolExit(1)
    }

    fileprivate func allAddresses() throws(ToolExit) -> [PublicIP] {
        let administrator = try administration
        do throws(AdministrationFailure) {
            return try administrator.allPublicAddresses()
        } catch {
            // What fails on the way is logged, and has no text of its own here.
            switch error {
            case .control(.publicAddresses, let failure):
                let exit = logged(failure)
                throw exit.isFinal ? exit : ToolExit(1)
            case .noNodes: throw ToolExit(1)
            default: throw complaint(about: error)
            }
        }
    }

    fileprivate func knows(_ address: SocketAddress) throws(ToolExit) -> Bool {
        do throws(ToolExit) {
            return try administer { (administrator) throws(AdministrationFailure) in
                try administrator.knows(address)
            }
        } catch {
            throw ToolExit(1, isFinal: error.isFinal)
        }
    }

    fileprivate func printHeader(ofAll: Bool) {
        if options.isMachineReadable {
            let more: [RawText] = [
                "ActiveInterfaces", "AvailableInterfaces", "ConfiguredInterfaces",
            ]
            printColumns(["Public IP", "Node"] + (options.isVerbose ? more : []))
        } else {
            print(
                ofAll
                    ? "Public IPs on ALL nodes\n" : "Public IPs on node \(node.rawValue)\n")
        }
    }

    fileprivate func print(_ entry: PublicIP, _ info: PublicIPInfo?) {
        let address = RawText(AddressText.print(entry.address))
        let host: RawText = "\(Int32(bitPattern: entry.pnn.rawValue))"
        let interfaces = info?.interfaces ?? []
        let active = interfaces.enumerated().first {
            UInt32($0.offset) == info?.activeIndex
        }
        let names = [
            active.map { [$0.element.name] } ?? [],
            interfaces.filter { $0.linkState != 0 }.map(\.name),
            interfaces.map(\.name),
        ].map { RawText($0.joined(separator: ",")) }
        if options.isMachineReadable {
            printColumns([address, host] + (options.isVerbose ? names : []))
        } else if options.isVerbose {
            print(
                """
                \(address) node[\(host)] active[\(names[0])] available[\(names[1])] \
                configured[\(names[2])]\n
                """)
        } else {
            print("\(address) \(host)\n")
        }
    }
}
