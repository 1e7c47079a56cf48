// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import AddressDaemonCore
import AddressShell
import Bytes
import LegacyWire
import MessagingCore
import NetworkInterfaces
import NetworkWire
import PeerClient
import PeerWire
import Sockets
import StageCore
import Vocabulary

/// What comes from ctdbd, from other daemons and from the kernel, for the machines.
extension AddressDaemon {
    // MARK: ctdbd

    func take(_ report: LegacyLink.Report) {
        switch report {
        case .connected(let pnn):
            own = pnn
            isAway = false
            if let pid = link.process {
                scripts?.surround(with: ProcessFacts(pid: pid), folder: settings.folder)
            }
            give(.coordinator(.connected(pnn)))
            give(.host(.connected(pnn)))
            readTunables()
            compareWithCtdbd()
            look()
        case .lost(let reason):
            if !isAway { log.warning("ctdbd is away: \(reason)") }
            isAway = true
            guard own.isNode else { return }
            nodes = nil
            give(.coordinator(.disconnected))
            give(.host(.disconnected))
            perform(keeper.stop(lettingGo: false))
            entering = nil
            participant.dropped("ctdbd is away")
            tellStage()
        case .message(let srvid, let data): take(srvid, data)
        }
    }

    private func readTunables() {
        link.control(.getTunable(name: "EventScriptTimeout"), of: own, within: .seconds(3)) {
            [unowned self] answer in
            if case .reply(.tunable(let seconds)) = answer, seconds > 0 {
                eventSeconds = Int64(seconds)
            }
        }
    }

    /// Says where ctdbd, while it moves addresses, has other ones than its file.
    func compareWithCtdbd() {
        guard host.mode == .ctdbd, link.isConnected else { return }
        link.control(.getPublicIPs(onlyAvailable: false), of: own, within: .seconds(3)) {
            [unowned self] answer in
            guard case .reply(.publicIPs(let list)) = answer, host.mode == .ctdbd else { return }
            let entries = settings.addresses.entries.prefix(settings.addresses.fileCount)
            let file = Set(entries.map(\.address))
            let known = Set(list.addresses.compactMap { PublicAddress($0.address) })
            guard file != known else { return }
            let text = { (addresses: Set<IPAddress>) in
                addresses.map { "\($0)" }.sorted().prefix(20).joined(separator: " ")
            }
            log.warning(
                """
                public_addresses is not what ctdbd has: \
                only in the file [\(text(file.subtracting(known)))], \
                only in ctdbd [\(text(known.subtracting(file)))]; \
                ctdb ip reload has it read again
                """)
        }
    }

    private func take(_ srvid: SrvID, _ data: ArraySlice<UInt8>) {
        let now = EventLoop.clock()
        var reader = LegacyLayout.native.reader(over: data)
        switch srvid {
        case .takeoverRun:
            guard let message = try? SrvIDMessage.decode(data, layout: .native) else { return }
            give(.coordinator(.runWanted(message)))
            look()
        case .disableTakeoverRuns:
            guard let message = try? DisableMessage.decode(data, layout: .native) else { return }
            perform(
                keeper.seen(
                    seconds: message.timeoutSeconds, isOwn: message.replyTo == replySrvID, at: now))
        case .disableIPCheck:
            guard let seconds = try? reader.readUInt32("timeout", of: "DISABLE_IP_CHECK") else {
                return
            }
            give(.coordinator(.checksOff(seconds: min(seconds, 3600))))
        case .rebalanceNode:
            guard let node = try? reader.readUInt32("pnn", of: "REBALANCE_NODE") else { return }
            give(.coordinator(.rebalance(PNN(rawValue: node))))
        case .leader:
            guard let node = try? reader.readUInt32("pnn", of: "LEADER") else { return }
            let pnn = PNN(rawValue: node)
            let isNew = leader != pnn
            leader = pnn
            give(.coordinator(.leader(pnn)))
            if isNew { learnNodes() }
        case replySrvID:
            guard let number = try? reader.readInt32("result", of: "answer") else { return }
            perform(keeper.answer(number, at: now))
        default: break
        }
    }

    // MARK: Other daemons, and the command line

    func take(_ inbound: Inbound) {
        if participant.take(inbound, from: endpoint) { return }
        do throws(WireError) {
            switch inbound.procedure {
            case PeerProtocol.ipControl: try control(inbound)
            case PeerProtocol.ipStatus: answer(inbound, try status.encoded())
            case PeerProtocol.ipReallocate:
                let request = try IPReallocate.decode(inbound.payload)
                guard let handle = peers.keep(inbound) else { return }
                give(.coordinator(.reallocate(asker: handle, request)))
            case PeerProtocol.ipHistory:
                let request = try IPHistoryRequest.decode(inbound.payload)
                answer(inbound, try latest(request.count).encoded())
            case PeerProtocol.ipConnections:
                guard inbound.source.node != own else { return }
                let change = try IPConnections.decode(inbound.payload)
                give(
                    .host(
                        .heard(
                            inbound.source.node, isComplete: change.complete,
                            added: change.added.compactMap(HostCore.Connection.init),
                            removed: change.removed.compactMap(HostCore.Connection.init))))
            case PeerProtocol.ipCoordinator:
                let message = try IPCoordinator.decode(inbound.payload)
                give(.coordinator(.heard(inbound.source.node, message)))
            default: refuse(inbound, .unknownProcedure, "there is no such procedure")
            }
        } catch {
            log.warning("a request of \(inbound.source) cannot be read: \(error)")
            refuse(inbound, .badPayload, "\(error)")
        }
    }

    private func answer(_ inbound: Inbound, _ payload: [UInt8]) {
        if let handle = inbound.handle { endpoint.answer(handle, .reply(payload[...])) }
    }

    private func refuse(_ inbound: Inbound, _ code: RefusalCode, _ text: String) {
        guard let handle = inbound.handle else { return }
        let refusal = Refusal(code: code, text: StageText.clipped(text, to: 512))
        endpoint.answer(handle, .refusal(((try? refusal.encoded()) ?? [])[...]))
    }

    private func control(_ inbound: Inbound) throws(WireError) {
        let message = try IPControl.decode(inbound.payload)
        let request = try ControlRequest.decode(
            from: RequestControl(
                opcode: ControlOpcode(rawValue: message.opcode),
                srvid: SrvID(rawValue: message.srvid), clientID: 0,
                flags: RequestControl.Flags(rawValue: message.flags), data: message.data[...]),
            layout: .native)
        guard let handle = peers.keep(inbound) else { return }
        lastAsker &+= 1
        askers[lastAsker] = .peer(handle)
        give(
            .host(
                .control(
                    asker: lastAsker, request,
                    CoordinatorCore.Order(
                        term: message.term, holder: message.holder, reason: message.reason))))
    }

    private func latest(_ count: UInt32) -> IPHistory {
        let limit = count == 0 ? Int(PeerProtocol.ipHistoryLimit) : Int(clamping: count)
        var room = 8 << 20
        var lines: [IPHistoryLine] = []
        for line in history.lines.suffix(min(limit, Int(PeerProtocol.ipHistoryLimit))).reversed() {
            room -= line.count + 8
            guard room > 0 else { break }
            lines.append(IPHistoryLine(text: line))
        }
        return IPHistory(lines: lines.reversed())
    }

    /// How this daemon stands.
    var status: IPStatus {
        let counts = host.counts
        let now = EventLoop.clock()
        let left = keeper.end.map { now.milliseconds(until: $0) } ?? 0
        return IPStatus(
            inEffect: participant.inEffect, hosts: host.mode == .own,
            coordinator: coordinator.coordination.coordinator ?? .unknown,
            term: coordinator.coordination.term, heldOffMilliseconds: UInt32(clamping: left),
            configured: UInt32(clamping: counts.configured),
            hosted: UInt32(clamping: counts.hosted),
            connections: UInt32(clamping: host.connectionCount), runs: coordinator.runs,
            problem: StageText.clipped(coordinator.problem, to: Int(PeerProtocol.ipTextLimit)),
            later: [])
    }

    // MARK: The kernel

    func take(_ report: AddressHands.Report) {
        switch report {
        case .interface(let interface, let link):
            give(.host(.interface(interface.name, hasLink: link == .up)))
        case .interfaceGone(let name): give(.host(.interfaceGone(name)))
        case .address(let present): give(.host(.present(HostCore.Place(present.place))))
        case .addressGone(let place): give(.host(.gone(HostCore.Place(place))))
        case .connections(let change):
            give(
                .host(
                    .connections(
                        added: change.added.map(HostCore.Connection.init),
                        removed: change.removed.map(HostCore.Connection.init))))
        case .conflict(let conflict, let interface):
            log.error(
                "\(conflict.address) is claimed by \(conflict.hardware) on \(interface), too")
            give(
                .host(
                    .conflict(conflict.address, by: "\(conflict.hardware) on \(interface)")))
        case .trouble(let text): log.warning("\(text)")
        }
    }
}

extension HostCore.Place {
    init(_ place: InterfaceAddress) {
        self.init(place.address, prefixLength: place.prefixLength, on: place.interface)
    }

    /// The same for the kernel.
    var interfaceAddress: InterfaceAddress {
        InterfaceAddress(address, prefixLength: prefixLength, on: interface)
    }
}

extension HostCore.Connection {
    init(_ connection: ClientConnection) {
        self.init(
            server: connection.server.address, serverPort: connection.server.port,
            client: connection.client.address, clientPort: connection.client.port)
    }

    init?(_ connection: IPConnection) {
        guard let server = IPAddress(octets: connection.server),
            let client = IPAddress(octets: connection.client),
            server.family == client.family, let serverPort = UInt16(exactly: connection.serverPort),
            let clientPort = UInt16(exactly: connection.clientPort)
        else { return nil }
        self.init(
            server: server, serverPort: serverPort, client: client, clientPort: clientPort)
    }

    /// The same for tickling.
    var clientConnection: ClientConnection {
        ClientConnection(
            server: Endpoint(server, port: serverPort), client: Endpoint(client, port: clientPort))
    }

    /// The same for other daemons.
    var message: IPConnection {
        IPConnection(
            server: server.octets, serverPort: UInt32(serverPort), client: client.octets,
            clientPort: UInt32(clientPort))
    }
}
