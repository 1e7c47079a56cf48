// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import StageCore
import Vocabulary

/// The observer as a client of ctdbd: finds this node's number, hears what is announced, and asks
/// for the rest.
///
/// It is one of the observer's machines.
///
/// | state | left by |
/// |---|---|
/// | away | the time of the next try: connecting |
/// | connecting | connected: identifying; failed: away |
/// | identifying | the number and the first nodes: attached; silence: away |
/// | attached | the connection's end, silence: away |
struct Attendance: Equatable, Sendable {
    enum State: Equatable, Sendable {
        case away
        case connecting
        case identifying
        case attached
    }

    /// What the owner is to do, or has to know.
    enum Step: Equatable, Sendable {
        case connect
        case disconnect
        case send([UInt8])
        case attached(PNN)
        case silent
        case nodes(NodeMap)
        case leader(PNN)
        case addresses(PublicIPList)
        case stagesChanged
    }

    /// What is listened for besides: nodes or addresses may have changed.
    private static let alarms: [SrvID] = [
        .reconfigure, .setNodeFlags, .reloadNodes, .takeIP, .releaseIP, .ipReallocated,
    ]
    private static let answerMilliseconds: UInt64 = 10_000
    private static let pollMilliseconds: UInt64 = 1000
    /// Addresses are asked for in every so many polls.
    private static let addressPolls = 5
    /// So many questions may be unanswered before no more are asked.
    private static let questionLimit = 32

    private(set) var state = State.away
    private(set) var pnn: PNN?
    private var asked: [UInt32: ControlRequest] = [:]
    private var nextReqid: UInt32 = 1
    private var delay: UInt64 = 0
    private var heard = Instant(nanoseconds: 0)
    private var polls = 0
    private var hasNodes = false
    /// When `wake` wants to be called.
    private(set) var nextWake: Instant?

    mutating func start() -> [Step] {
        state = .connecting
        nextWake = nil
        return [.connect]
    }

    mutating func connected(at now: Instant) -> [Step] {
        state = .identifying
        asked = [:]
        hasNodes = false
        delay = 0
        polls = 0
        heard = now
        nextWake = now.advanced(byMilliseconds: Self.answerMilliseconds)
        var steps = [ask(.getPNN), ask(.getNodeMap)]
        steps += ([.leader, .stagesChanged] + Self.alarms).map { ask(.registerSrvID($0)) }
        // Releases before 4.16 know a leader by asking; later ones refuse, and announce it.
        steps += [ask(.getLeader), ask(.getPublicIPs(onlyAvailable: false))]
        return steps
    }

    /// The connection could not be made, or has ended.
    mutating func lost(at now: Instant) {
        state = .away
        asked = [:]
        delay = delay == 0 ? 100 : min(delay * 2, 1000)
        nextWake = now.advanced(byMilliseconds: delay)
    }

    mutating func wake(at now: Instant) -> [Step] {
        guard let due = nextWake, due <= now else { return [] }
        switch state {
        case .away: return start()
        case .connecting:
            nextWake = nil
            return []
        case .identifying:
            lost(at: now)
            return [.silent, .disconnect]
        case .attached:
            guard heard.advanced(byMilliseconds: Self.answerMilliseconds) > now else {
                lost(at: now)
                return [.silent, .disconnect]
            }
            nextWake = now.advanced(byMilliseconds: Self.pollMilliseconds)
            polls += 1
            var steps = [ask(.getNodeMap)]
            if polls % Self.addressPolls == 0 {
                steps += [ask(.getPublicIPs(onlyAvailable: false)), ask(.getLeader)]
            }
            return steps.filter { $0 != .send([]) }
        }
    }

    mutating func received(
        _ bytes: ArraySlice<UInt8>, at now: Instant
    ) throws(WireError) -> [Step] {
        heard = now
        let packet = try LegacyPacket.decode(bytes, layout: .native)
        switch packet.body {
        case .requestMessage(let message): return try heard(message)
        case .replyControl(let reply):
            guard let request = asked.removeValue(forKey: packet.reqid.rawValue) else { return [] }
            return answered(
                try ControlReply.decode(from: reply, to: request.opcode, layout: .native), now)
        default: return []
        }
    }

    private mutating func heard(_ message: RequestMessage) throws(WireError) -> [Step] {
        switch message.srvid {
        case .leader:
            guard
                case .leader(let pnn) = try MessagePayload.decode(
                    srvid: message.srvid, data: message.data, layout: .native)
            else { return [] }
            return [.leader(pnn)]
        case .stagesChanged: return [.stagesChanged]
        default:
            guard state == .attached else { return [] }
            return [ask(.getNodeMap), ask(.getPublicIPs(onlyAvailable: false))]
                .filter { $0 != .send([]) }
        }
    }

    private mutating func answered(_ reply: ControlReply, _ now: Instant) -> [Step] {
        var steps: [Step] = []
        switch reply {
        case .pnn(let number): pnn = number
        case .nodeMap(let map):
            hasNodes = true
            steps.append(.nodes(map))
        case .leader(let leader): steps.append(.leader(leader))
        case .publicIPs(let list): steps.append(.addresses(list))
        default: break
        }
        if state == .identifying, let pnn, hasNodes {
            state = .attached
            nextWake = now.advanced(byMilliseconds: Self.pollMilliseconds)
            steps.insert(.attached(pnn), at: 0)
        }
        return steps
    }

    private mutating func ask(_ request: ControlRequest) -> Step {
        guard asked.count < Self.questionLimit else { return .send([]) }
        let reqid = nextReqid
        nextReqid = nextReqid &+ 1
        asked[reqid] = request
        guard let control = try? request.encode(layout: .native) else { return .send([]) }
        let packet = LegacyPacket(
            destination: .current, source: .unknown, reqid: Reqid(rawValue: reqid),
            body: .requestControl(control))
        return .send((try? packet.encode(layout: .native)) ?? [])
    }
}
