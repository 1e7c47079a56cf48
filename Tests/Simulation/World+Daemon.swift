// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import MessagingCore
import PeerWire
import ProxyCore
import Vocabulary

/// ctdbd as its clients and its peers see it, in its own bytes.
extension World {
    private static let clientMicroseconds: UInt64 = 30

    // MARK: Clients

    func connect(_ process: Int) {
        let node = processes[process].node
        guard daemons[node].isAlive else {
            post(.proxy(.legacyLost(reason: "refused")), to: process)
            return
        }
        nextConnection += 1
        processes[process].connection = nextConnection
        daemons[node].clients.append(
            Daemon.Client(process: process, connection: nextConnection))
        post(.proxy(.legacyConnected), to: process)
    }

    /// The process closes its connection.
    func disconnect(_ process: Int) {
        let node = processes[process].node
        daemons[node].clients.removeAll { $0.process == process }
        processes[process].connection = 0
    }

    func sendToDaemon(_ process: Int, _ bytes: [UInt8]) {
        let connection = processes[process].connection
        guard connection != 0 else { return }
        later(
            .toDaemon(
                node: processes[process].node, process: process, connection: connection,
                bytes: bytes), microseconds: Self.clientMicroseconds)
    }

    func receiveAtDaemon(_ node: Int, _ input: Daemon.Input) {
        guard daemons[node].isAlive else { return }
        guard !daemons[node].isPaused else {
            daemons[node].inbox.append(input)
            return
        }
        switch input {
        case .packet(let bytes, let process, let connection):
            guard let at = daemons[node].clients.firstIndex(where: { $0.connection == connection })
            else { return }
            do throws(WireError) {
                try take(try LegacyPacket.decode(bytes[...], layout: .native), node, at, process)
            } catch {
                violate("ctdbd \(node) was sent bytes that are no packet: \(error)")
            }
        case .message(let srvid, let data):
            deliver(node, srvid, data)
        }
    }

    private func take(
        _ packet: LegacyPacket, _ node: Int, _ at: Int, _ process: Int
    ) throws(WireError) {
        switch packet.body {
        case .requestControl(let control):
            let reply = try answer(control, node, at).encode(layout: .native)
            let bytes = try LegacyPacket(
                generation: daemons[node].generation, destination: PNN(rawValue: 0),
                source: PNN(rawValue: UInt32(node)), reqid: packet.reqid,
                body: .replyControl(reply)
            ).encode(layout: .native)
            toClient(process, daemons[node].clients[at].connection, bytes)
        case .requestMessage(let message):
            frameCount += 1
            note("\(name(process)) to node \(packet.destination): \(Self.describe(message.data))")
            route(message, from: node, to: packet.destination)
        default:
            violate("ctdbd \(node) was sent an operation \(packet.operation)")
        }
    }

    private func answer(_ control: RequestControl, _ node: Int, _ at: Int) -> ControlReply {
        switch control.opcode {
        case .getPNN: return .pnn(PNN(rawValue: UInt32(node)))
        case .registerSrvID:
            daemons[node].clients[at].srvids.insert(control.srvid)
            return .done(status: 0)
        case .getNodeMap:
            let nodes = daemons[node].isConnected.enumerated().map { other, isConnected in
                NodeMap.Node(
                    pnn: PNN(rawValue: UInt32(other)), flags: isConnected ? [] : .disconnected,
                    address: .ipv4(address: 0x0A00_0001 + UInt32(other), port: 0))
            }
            return .nodeMap(NodeMap(nodes: nodes))
        case .getVNNMap:
            let nodes = (0..<options.nodeCount).filter { daemons[node].isConnected[$0] }
            return .vnnMap(
                VNNMap(
                    generation: daemons[node].generation,
                    nodes: nodes.map { PNN(rawValue: UInt32($0)) }))
        case .getRecoveryMode: return .recoveryMode(.normal)
        default: return .failed(status: -1, reason: "")
        }
    }

    private func toClient(_ process: Int, _ connection: UInt64, _ bytes: [UInt8]) {
        later(
            .toClient(process: process, connection: connection, bytes: bytes),
            microseconds: Self.clientMicroseconds)
    }

    /// Hands a message to everyone who is registered; nobody is told when there is none.
    private func deliver(_ node: Int, _ srvid: SrvID, _ data: ArraySlice<UInt8>) {
        for client in daemons[node].clients where client.srvids.contains(srvid) {
            let packet = try? RequestMessage.encodePacket(
                srvid: srvid, data: [data], destination: PNN(rawValue: 0),
                source: PNN(rawValue: UInt32(node)), generation: daemons[node].generation)
            if let packet { toClient(client.process, client.connection, packet) }
        }
    }

    // MARK: Network

    func path(_ one: Int, _ other: Int) -> Int {
        min(one, other) * options.nodeCount + max(one, other)
    }

    private func route(_ message: RequestMessage, from node: Int, to destination: PNN) {
        let other = Int(destination.rawValue)
        guard destination.isNode, other < options.nodeCount else { return }
        guard other != node else { return deliver(node, message.srvid, message.data) }
        guard daemons[node].isConnected[other] else { return }
        let at = path(node, other)
        let direction = node < other ? 0 : 1
        var delay = 50_000 + below(400_000)
        if let rate = options.bytesPerSecond {
            delay = 50_000 + UInt64(message.data.count) * 1_000_000_000 / rate
            delay += max(paths[at].arrival[direction], now.nanoseconds) - now.nanoseconds
        }
        let arrival = max(now.nanoseconds + delay, paths[at].arrival[direction])
        paths[at].arrival[direction] = arrival
        agenda.add(
            .message(
                from: node, to: other, connection: paths[at].connection, srvid: message.srvid,
                data: message.data, isLate: false),
            at: Instant(nanoseconds: arrival))
    }

    func arrive(
        _ from: Int, _ to: Int, _ connection: UInt64, _ srvid: SrvID, _ data: ArraySlice<UInt8>,
        _ isLate: Bool
    ) {
        let path = paths[path(from, to)]
        if connection != path.connection || !path.isUp, !isLate {
            guard path.late.contains(connection), below(2) == 0 else { return }
            later(
                .message(
                    from: from, to: to, connection: connection, srvid: srvid, data: data,
                    isLate: true), microseconds: below(2_000_000))
            return
        }
        receiveAtDaemon(to, .message(srvid: srvid, data: data))
    }

    /// The connection of two nodes breaks; they notice after a while, unless it is back by then.
    func breakPath(_ one: Int, _ other: Int, detectionMilliseconds: UInt64) {
        let at = path(one, other)
        guard paths[at].isUp else { return }
        note("path \(one)-\(other) breaks")
        if below(3) == 0 { paths[at].late.insert(paths[at].connection) }
        paths[at].isUp = false
        paths[at].connection += 1
        paths[at].arrival = [0, 0]
        for (node, peer) in [(one, other), (other, one)] {
            later(
                .sees(node: node, other: peer, connection: paths[at].connection),
                microseconds: below(detectionMilliseconds * 1_000 + 1))
        }
    }

    func mendPath(_ one: Int, _ other: Int) {
        let at = path(one, other)
        guard !paths[at].isUp, daemons[one].isAlive, daemons[other].isAlive else { return }
        note("path \(one)-\(other) is back")
        paths[at].isUp = true
        for (node, peer) in [(one, other), (other, one)] {
            later(
                .sees(node: node, other: peer, connection: paths[at].connection),
                microseconds: below(200_000))
        }
    }

    /// A ctdbd notices how its connection to another one is.
    func see(_ node: Int, _ other: Int, _ connection: UInt64) {
        let path = paths[path(node, other)]
        guard path.connection == connection, daemons[node].isAlive else { return }
        guard daemons[node].isConnected[other] != path.isUp else { return }
        daemons[node].isConnected[other] = path.isUp
        note("ctdbd \(node) sees \(other) \(path.isUp ? "connected" : "disconnected")")
        // A recovery follows sooner or later; without it only the poll tells.
        if below(2) == 0 { changeGeneration(node) }
    }

    func changeGeneration(_ node: Int) {
        daemons[node].generation = Generation(rawValue: UInt32(2 + below(1_000_000)))
        receiveAtDaemon(node, .message(srvid: .reconfigure, data: []))
    }

    // MARK: Lives

    func killDaemon(_ node: Int) {
        guard daemons[node].isAlive else { return }
        note("ctdbd \(node) dies")
        for other in 0..<options.nodeCount where other != node {
            breakPath(node, other, detectionMilliseconds: 300)
        }
        let clients = daemons[node].clients
        daemons[node] = Daemon(
            isAlive: false, isConnected: [Bool](repeating: false, count: options.nodeCount))
        for client in clients {
            processes[client.process].connection = 0
            post(.proxy(.legacyLost(reason: "end of stream")), to: client.process)
        }
    }

    func startDaemon(_ node: Int) {
        guard !daemons[node].isAlive else { return }
        note("ctdbd \(node) starts")
        daemons[node].isAlive = true
        daemons[node].isConnected[node] = true
        changeGeneration(node)
        for other in 0..<options.nodeCount where other != node { mendPath(node, other) }
    }

    func resumeDaemon(_ node: Int) {
        guard daemons[node].isPaused else { return }
        note("ctdbd \(node) goes on")
        daemons[node].isPaused = false
        let inputs = daemons[node].inbox
        daemons[node].inbox = []
        for input in inputs { receiveAtDaemon(node, input) }
    }
}
