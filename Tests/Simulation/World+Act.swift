// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import MessagingCore
import PeerWire
import ProxyCore
import Vocabulary

/// Something done to the world from outside.
enum Act {
    case send(process: Int)
    case breakPath(Int, Int, milliseconds: UInt64, detection: UInt64)
    case mendPath(Int, Int)
    case killDaemon(Int, milliseconds: UInt64)
    case startDaemon(Int)
    case pauseDaemon(Int, milliseconds: UInt64)
    case resumeDaemon(Int)
    case changeGeneration(Int)
    case kill(Int, milliseconds: UInt64)
    case close(Int, milliseconds: UInt64)
    case start(Int)
    case pause(Int, milliseconds: UInt64)
    case resume(Int)
}

extension World {
    // MARK: What is done

    func perform(_ act: Act) {
        switch act {
        case .send(let process): sendSomething(process)
        case .breakPath(let one, let other, let length, let detection):
            breakPath(one, other, detectionMilliseconds: detection)
            later(.act(.mendPath(one, other)), microseconds: length * 1_000)
        case .mendPath(let one, let other): mendPath(one, other)
        case .killDaemon(let node, let length):
            killDaemon(node)
            later(.act(.startDaemon(node)), microseconds: length * 1_000)
        case .startDaemon(let node): startDaemon(node)
        case .pauseDaemon(let node, let length):
            guard daemons[node].isAlive else { return }
            note("ctdbd \(node) pauses")
            daemons[node].isPaused = true
            later(.act(.resumeDaemon(node)), microseconds: length * 1_000)
        case .resumeDaemon(let node): resumeDaemon(node)
        case .changeGeneration(let node):
            if daemons[node].isAlive { changeGeneration(node) }
        case .kill(let process, let length):
            kill(process)
            later(.act(.start(process)), microseconds: length * 1_000)
        case .close(let process, let length):
            guard processes[process].isAlive, !processes[process].isPaused else { return }
            if processes[process].service == .proxy {
                feed(process, ProxyCore.Event.drain)
            } else {
                feed(process, EndpointCore.Event.closing)
                kill(process)
            }
            later(.act(.start(process)), microseconds: length * 1_000)
        case .start(let process):
            if !processes[process].isAlive { start(process) }
        case .pause(let process, let length):
            guard processes[process].isAlive else { return }
            note("pause \(name(process))")
            processes[process].isPaused = true
            later(.act(.resume(process)), microseconds: length * 1_000)
        case .resume(let process): resume(process)
        }
    }

    /// Lays out what will be sent and what will fail in the next while.
    package func plan(sends: Int, faults: Int, milliseconds: UInt64) {
        let endpoints = processes.indices.filter { processes[$0].service != .proxy }
        for _ in 0..<sends {
            let process = endpoints[Int(below(UInt64(endpoints.count)))]
            // Some in a burst, which shows order and batches.
            let at = below(milliseconds * 1_000)
            for _ in 0..<(below(6) == 0 ? 8 : 1) {
                later(.act(.send(process: process)), microseconds: at)
            }
        }
        for _ in 0..<faults {
            later(.act(fault()), microseconds: below(milliseconds * 1_000))
        }
    }

    private func fault() -> Act {
        let node = Int(below(UInt64(options.nodeCount)))
        let other = (node + 1 + Int(below(UInt64(options.nodeCount - 1)))) % options.nodeCount
        guard !options.isAboutStreams else {
            return .breakPath(
                node, other, milliseconds: 100 + below(2_500), detection: 1 + below(50))
        }
        let process = Int(below(UInt64(processes.count)))
        let proxy = processes.indices.filter { processes[$0].service == .proxy }
        let aProxy = proxy.isEmpty ? process : proxy[Int(below(UInt64(proxy.count)))]
        switch below(14) {
        case 0: return .breakPath(node, other, milliseconds: 10 + below(200), detection: 2_000)
        case 1, 2:
            return .breakPath(
                node, other, milliseconds: 300 + below(5_000), detection: 50 + below(500))
        case 3: return .killDaemon(node, milliseconds: below(4_500))
        case 4: return .pauseDaemon(node, milliseconds: 50 + below(3_000))
        case 5: return .changeGeneration(node)
        case 6, 7: return .kill(aProxy, milliseconds: below(3) == 0 ? below(4_000) : below(300))
        case 8: return .pause(aProxy, milliseconds: 50 + below(4_000))
        case 9: return .close(aProxy, milliseconds: below(1_000))
        case 10, 11: return .kill(process, milliseconds: below(2) == 0 ? below(3_000) : below(50))
        case 12: return .pause(process, milliseconds: 50 + below(4_000))
        default: return .close(process, milliseconds: below(2_000))
        }
    }

    /// Brings everything back.
    package func heal() {
        note("everything is healed")
        for node in daemons.indices {
            resumeDaemon(node)
            startDaemon(node)
        }
        for one in daemons.indices {
            for other in daemons.indices where other > one { mendPath(one, other) }
        }
        for process in processes.indices {
            if !processes[process].isAlive { start(process) }
            resume(process)
        }
    }

    // MARK: What is sent

    private func sendSomething(_ at: Int) {
        guard processes[at].isAlive else { return }
        let service = options.services[Int(below(UInt64(options.services.count)))]
        let node = PNN(rawValue: UInt32(below(UInt64(options.nodeCount))))
        var destination = Address(
            node: node, service: service == .client ? .echo : service,
            instance: Instance(rawValue: 0))
        guard !options.isAboutStreams else {
            return openStream(at, to: destination, byteCount: Int(below(6_000)))
        }
        switch below(30) {
        case 0: destination.node = PNN(rawValue: UInt32(options.nodeCount))
        case 1: destination.service = .event
        case 2, 3, 4:
            let groups: [PNN] = [.broadcastAll, .broadcastActive, .broadcastConnected]
            destination.node = groups[Int(below(3))]
        case 5: destination.node = .current
        case 6, 7:
            if !destination.node.isBroadcast {
                return openStream(at, to: destination, byteCount: Int(below(30_000)))
            }
        case 8:
            let named = processes.first {
                UInt32($0.node) == node.rawValue && $0.service == destination.service
            }
            destination.instance = Instance(rawValue: named?.life ?? 0)
        default: break
        }
        send(at, to: destination, kind: below(3) == 0 ? .request : .message)
    }

    /// Sends a message or a request from a process.
    @discardableResult package func send(
        _ at: Int, to destination: Address, kind: Outbound.Kind, lane: Lane? = nil,
        byteCount: Int? = nil, timeoutMilliseconds: UInt32? = nil
    ) -> UInt64 {
        let lane = lane ?? (below(4) == 0 ? .urgent : .normal)
        let sizes: [Int] = [0, 1, 3, 100, 1_000, 5_000, 65_536, 65_537, 150_000]
        let size = byteCount ?? sizes[Int(below(below(5) == 0 ? 9 : 5))]
        var timeout = timeoutMilliseconds
        if timeout == nil {
            timeout =
                kind == .request
                ? UInt32(200 + below(8_000)) : below(4) == 0 ? UInt32(50 + below(5_000)) : nil
        }
        let token = ledger.begin(
            Ledger.Send(
                life: processes[at].life, destination: destination, lane: lane, kind: kind,
                byteCount: size))
        note("\(name(at)) sends \(token) to \(destination) \(kind) \(lane) \(size) bytes")
        let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: token), count: size)
        post(
            .endpoint(
                .send(
                    Outbound(
                        token: token, to: destination, kind: kind, lane: lane,
                        procedure: UInt32(token), payload: payload[...],
                        timeoutMilliseconds: timeout))),
            to: at)
        return token
    }
}
