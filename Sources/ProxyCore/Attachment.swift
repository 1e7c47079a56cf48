// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import MessagingCore
import Vocabulary

/// The proxy as a client of ctdbd: finds this node's number, registers the srvids, follows the
/// membership.
///
/// It is one of the proxy core's machines.
///
/// | state | left by |
/// |---|---|
/// | waiting | the reconnect time: connecting |
/// | connecting | connected: identifying; failed: waiting |
/// | identifying | the number, all registrations and the first node map: attached |
/// | attached | the connection's end: waiting |
package struct Attachment: Equatable, Sendable {
    package enum State: Equatable, Sendable {
        case waiting
        case connecting
        case identifying(since: Instant)
        case attached
    }

    /// What the owner is to do, or has to know.
    package enum Step: Equatable, Sendable {
        case connect
        case disconnect
        case send([UInt8])
        case attached(PNN)
        case refused(opcode: ControlOpcode, reason: String)
        case silent
        case nodes(NodeMap)
        case map(VNNMap)
        case mode(RecoveryMode)
    }

    /// What is heard of besides the tunnel: each of them means that the node map may have changed.
    package static let alarms: [SrvID] = [.reconfigure, .setNodeFlags, .reloadNodes]

    package private(set) var state: State = .waiting
    package private(set) var generation: Generation = .invalid
    private var asked: [UInt32: ControlRequest] = [:]
    private var nextReqid: UInt32 = 1
    private var number: PNN?
    private var hasNodes = false
    private var delay: UInt64 = 0
    /// When `wake` wants to be called.
    package private(set) var nextWake: Instant?

    package init() {}

    /// Connects now.
    package mutating func start() -> [Step] {
        state = .connecting
        nextWake = nil
        return [.connect]
    }

    package mutating func connected(_ settings: ProxySettings, at now: Instant) -> [Step] {
        state = .identifying(since: now)
        asked = [:]
        number = nil
        hasNodes = false
        delay = 0
        nextWake = now.advanced(byMilliseconds: settings.answerMilliseconds)
        var steps = [ask(.getPNN), ask(.registerSrvID(.tunnelNewProtocol))]
        steps += Self.alarms.map { ask(.registerSrvID($0)) }
        return steps + survey()
    }

    /// The connection could not be made, or has ended.
    package mutating func lost(_ settings: ProxySettings, at now: Instant) {
        state = .waiting
        delay = delay == 0 ? settings.reconnectMilliseconds : min(delay * 2, 1_000)
        nextWake = now.advanced(byMilliseconds: delay)
    }

    /// Something has changed: ask for everything again.
    package mutating func alarm() -> [Step] {
        guard state == .attached, asked.count < 16 else { return [] }
        return survey()
    }

    package mutating func wake(_ settings: ProxySettings, at now: Instant) -> [Step] {
        guard let due = nextWake, due <= now else { return [] }
        switch state {
        case .waiting: return start()
        case .connecting:
            nextWake = nil
            return []
        case .identifying:
            lost(settings, at: now)
            return [.silent, .disconnect]
        case .attached:
            nextWake = now.advanced(byMilliseconds: settings.pollMilliseconds)
            return alarm()
        }
    }

    /// Takes the answer to a control.
    package mutating func answered(
        _ reply: ReplyControl, reqid: Reqid, _ settings: ProxySettings, at now: Instant
    ) throws(WireError) -> [Step] {
        guard let request = asked.removeValue(forKey: reqid.rawValue) else { return [] }
        let answer = try ControlReply.decode(from: reply, to: request.opcode, layout: .native)
        var steps: [Step] = []
        switch answer {
        case .pnn(let pnn): number = pnn
        case .nodeMap(let map):
            hasNodes = true
            steps.append(.nodes(map))
        case .vnnMap(let map):
            generation = map.generation
            steps.append(.map(map))
        case .recoveryMode(let mode): steps.append(.mode(mode))
        case .failed(_, let reason):
            steps.append(.refused(opcode: request.opcode, reason: reason))
        default: break
        }
        if case .identifying = state, asked.isEmpty, let number, hasNodes {
            state = .attached
            nextWake = now.advanced(byMilliseconds: settings.pollMilliseconds)
            // The owner needs its number before the nodes.
            steps.insert(.attached(number), at: 0)
        }
        return steps
    }

    private mutating func survey() -> [Step] {
        [ask(.getNodeMap), ask(.getVNNMap), ask(.getRecoveryMode)]
    }

    private mutating func ask(_ request: ControlRequest) -> Step {
        let reqid = nextReqid
        nextReqid = nextReqid &+ 1
        asked[reqid] = request
        guard let control = try? request.encode(layout: .native) else { return .send([]) }
        let packet = LegacyPacket(
            generation: generation, destination: .current, source: .unknown,
            reqid: Reqid(rawValue: reqid), body: .requestControl(control))
        return .send((try? packet.encode(layout: .native)) ?? [])
    }
}
