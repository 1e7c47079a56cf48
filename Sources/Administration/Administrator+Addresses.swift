// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyClient
import LegacyWire
import Vocabulary

extension Administrator {
    /// So often a change of a public address is tried, and so long after a failure.
    static let attempts = 5
    static let timeBetweenAttempts = Duration.seconds(3)

    /// The public addresses of all nodes that take part, each with the node that hosts it, which is
    /// unknown when none does.
    ///
    /// - Returns: in no order that means anything.
    public func allPublicAddresses() throws(AdministrationFailure) -> [PublicIP] {
        var found: [SocketAddress: PNN] = [:]
        let active = try nodeMap().nodes.filter { !$0.flags.isInactive }
        guard !active.isEmpty else { throw .noNodes }
        for node in active {
            let list = try ask(.publicIPs(), of: node.pnn, for: .publicAddresses)
            for entry in list.addresses {
                if entry.pnn == node.pnn {
                    found[entry.address] = entry.pnn
                } else if found[entry.address] == nil {
                    found[entry.address] = .unknown
                }
            }
        }
        return found.map { PublicIP(pnn: $1, address: $0) }
    }

    /// Moves a public address to a node, trying several times.
    ///
    /// - Throws: why the last attempt failed; the others are noted.
    public func move(
        _ address: SocketAddress, to target: PNN
    ) throws(AdministrationFailure) {
        try retrying { () throws(AdministrationFailure) in
            try moveOnce(address, to: target)
        }
    }

    private func moveOnce(
        _ address: SocketAddress, to target: PNN
    ) throws(AdministrationFailure) {
        let seconds = UInt32(truncatingIfNeeded: limit.components.seconds &* 2)
        try broadcast(seconds, to: .disableIPCheck)
        let known = try ask(.publicIPs(), of: target, for: .publicAddresses)
        guard known.addresses.contains(where: { $0.address.isSameHost(as: address) }) else {
            throw .cannotHost(address, target)
        }
        let others = try nodeMap().nodes.filter { !$0.flags.isInactive && $0.pnn != target }
        guard !others.isEmpty else { throw .noNodes }
        let entry = PublicIP(pnn: target, address: address)
        let failed = askEach(.releaseIP(entry), of: others.map(\.pnn))
        if let (_, failure) = failed.first { throw .control(.release, failure) }
        _ = try ask(.command(.takeoverIP(entry)), of: target, for: .takeOver)
    }

    /// Whether the node that is meant knows a public address.
    public func knows(_ address: SocketAddress) throws(AdministrationFailure) -> Bool {
        try ask(.publicIPs(), for: .publicAddresses).addresses.contains {
            $0.address.isSameHost(as: address)
        }
    }

    /// Makes a public address known to the node that is meant, trying several times, and has the
    /// leader give it its share.
    public func add(_ address: AddressInfo) throws(AdministrationFailure) {
        try retrying { () throws(AdministrationFailure) in
            _ = try ask(.command(.addPublicIP(address)), for: .addAddress)
        }
        try broadcast(node.rawValue, to: .rebalanceNode)
        session.flush(within: limit)
    }

    /// Makes a public address unknown to the node that is meant.
    public func delete(_ address: SocketAddress) throws(AdministrationFailure) {
        let info = AddressInfo(address: address, maskBits: 0, interface: nil)
        _ = try ask(.command(.deletePublicIP(info)), for: .deleteAddress)
    }

    /// Has nodes read their public addresses files again, and the addresses distributed anew.
    ///
    /// - Parameter nodes: who is asked; those that are inactive are left out.
    /// - Returns: the nodes that did not do it.
    /// - Throws: `.noNodes`, or what kept all of it from being done.
    @discardableResult
    public func reloadAddresses(
        of nodes: [NodeMap.Node]
    ) throws(AdministrationFailure) -> [PNN] {
        let connected = try nodeMap().nodes.filter { !$0.flags.contains(.disconnected) }
            .map(\.pnn)
        let active = nodes.filter { !$0.flags.isInactive }.map(\.pnn)
        guard !connected.isEmpty, !active.isEmpty else { throw .noNodes }
        let seconds = UInt32(truncatingIfNeeded: limit.components.seconds &* 2)
        try holdOff(.takeoverRuns, seconds: seconds, on: connected)
        let failed = askEach(.reloadPublicIPs, of: active)
        if !failed.isEmpty { notes(.failed(.reloadAddresses, on: failed.map(\.node))) }
        try checkConnection()
        try holdOff(.takeoverRuns, seconds: 0, on: connected)
        try reallocate()
        return failed.map(\.node)
    }

    private func broadcast(_ number: UInt32, to srvid: SrvID) throws(AdministrationFailure) {
        var writer = LegacyLayout.native.writer(capacity: 4)
        writer.write(number)
        do throws(LegacyFailure) {
            try session.send(writer.finish(), to: srvid, at: .broadcastConnected)
        } catch {
            throw .control(.message, error)
        }
    }

    private func retrying(
        _ attempt: () throws(AdministrationFailure) -> Void
    ) throws(AdministrationFailure) {
        for number in 1...Self.attempts {
            do throws(AdministrationFailure) {
                return try attempt()
            } catch {
                if number < Self.attempts { notes(.willRetry(error)) } else { throw error }
            }
            try pause(Self.timeBetweenAttempts)
        }
    }
}

extension SocketAddress {
    /// Whether the host is the same, whatever the port; false for families that have no hosts.
    public func isSameHost(as other: SocketAddress) -> Bool {
        switch (self, other) {
        case (.ipv4(let first, _), .ipv4(let second, _)): first == second
        case (.ipv6(let high, let low, _, _, _), .ipv6(let otherHigh, let otherLow, _, _, _)):
            high == otherHigh && low == otherLow
        default: false
        }
    }
}
