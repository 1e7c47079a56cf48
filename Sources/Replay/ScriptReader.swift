// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import LegacyWire
import Vocabulary

/// Makes a script of the packets of a capture.
///
/// Give it every packet in the order of the file. Conversations of clients are what a relay has
/// recorded; other packets are counted and passed over.
public struct ScriptReader: Sendable {
    private struct Place: Hashable {
        var interface: Int
        var endpoint: Endpoint
    }

    private struct Question: Hashable {
        var client: Int
        var reqid: Reqid
    }

    /// The script so far.
    public private(set) var script = ReplayScript()
    private var clients: [Place: Int] = [:]
    private var questions: [Question: Int] = [:]
    /// The steps that sent messages, by whom they were for.
    private var messages: [SrvID: [Int]] = [:]
    /// The steps that asked for messages to a srvid of their own.
    private var wanted: [SrvID: Int] = [:]
    private var first: CaptureTime?

    /// Starts with nothing.
    public init() {}

    /// Takes a packet.
    ///
    /// - Parameters:
    ///   - sighting: the packet.
    ///   - isRelayed: whether it was recorded by a relay.
    public mutating func take(_ sighting: Sighting, isRelayed: Bool) {
        guard isRelayed, let source = sighting.source, let destination = sighting.destination,
            (source.port == ClientNote.daemonPort) != (destination.port == ClientNote.daemonPort)
        else {
            script.counts.others += 1
            return
        }
        let isSent = destination.port == ClientNote.daemonPort
        let client = client(sighting, isSent ? source : destination)
        guard case .legacy(let packet) = sighting.content else {
            script.counts.unreadable += 1
            return
        }
        if first == nil { first = sighting.time }
        let step = ReplayScript.Step(
            client: client, offset: first.map { offset(sighting.time, since: $0) } ?? 0,
            number: sighting.number, sighting: packet, action: .message(cause: nil))
        learn(packet)
        if isSent { send(step) } else { receive(step) }
    }

    private func offset(_ time: CaptureTime?, since first: CaptureTime) -> Int64 {
        // Never back: clocks may have been set.
        max(time.map { first.distance(to: $0) } ?? 0, script.steps.last?.offset ?? 0)
    }

    private mutating func client(_ sighting: Sighting, _ endpoint: Endpoint) -> Int {
        let note = sighting.comments.lazy.compactMap(ClientNote.init(text:)).first
        let place = Place(interface: sighting.interface, endpoint: endpoint)
        // The same port may stand for another client later.
        if let known = clients[place], note == nil || script.clients[known].note == note {
            return known
        }
        script.clients.append(
            ReplayScript.Client(
                note: note, endpoint: endpoint, interface: sighting.interface))
        clients[place] = script.clients.count - 1
        return script.clients.count - 1
    }

    private mutating func send(_ step: ReplayScript.Step) {
        var step = step
        step.action = .send(answer: nil)
        let index = script.steps.count
        let packet = step.sighting.packet
        switch packet.body {
        case .requestControl(let control):
            if !control.flags.contains(.noReply) {
                questions[Question(client: step.client, reqid: packet.reqid)] = index
            }
            if let srvid = Self.wantedSrvID(step.sighting) { wanted[srvid] = index }
        case .requestCall:
            questions[Question(client: step.client, reqid: packet.reqid)] = index
        case .requestMessage(let message):
            messages[message.srvid, default: []].append(index)
            if let srvid = Self.wantedSrvID(step.sighting) { wanted[srvid] = index }
        default: break
        }
        script.steps.append(step)
    }

    private mutating func receive(_ step: ReplayScript.Step) {
        var step = step
        let packet = step.sighting.packet
        switch packet.body {
        case .replyControl, .replyCall, .replyError:
            let question = Question(client: step.client, reqid: packet.reqid)
            guard let asked = questions.removeValue(forKey: question) else {
                script.counts.orphans += 1
                return
            }
            step.action = .answer(to: asked)
            script.steps[asked].action = .send(answer: script.steps.count)
        case .requestMessage(let message):
            step.action = .message(cause: cause(of: message))
        default: break
        }
        script.steps.append(step)
    }

    /// The step of a client that made a message come.
    private func cause(of message: RequestMessage) -> Int? {
        let sent = messages[message.srvid] ?? []
        let same = sent.last { index in
            if case .requestMessage(let other) = script.steps[index].sighting.packet.body {
                return other.data == message.data
            }
            return false
        }
        return same ?? wanted[message.srvid]
    }

    /// The srvid at which a client waits for messages that it has asked for.
    private static func wantedSrvID(_ sighting: LegacySighting) -> SrvID? {
        switch sighting.payload {
        case .request(.traverseStart(let start)): start.srvid
        case .request(.traverseStartExtended(let start)): start.srvid
        case .message(.memoryDump(let message)), .message(.takeoverRun(let message)):
            message.replyTo
        case .message(.disableTakeoverRuns(let message)),
            .message(.disableRecoveries(let message)):
            message.replyTo
        default: nil
        }
    }

    /// Notes what a packet says about the node, the cluster and its databases.
    private mutating func learn(_ sighting: LegacySighting) {
        let generation = sighting.packet.generation
        if generation.rawValue > Generation.invalid.rawValue {
            script.generations.insert(generation.rawValue)
        }
        switch sighting.payload {
        case .reply(.pnn(let pnn), to: _): script.ownNode = script.ownNode ?? pnn
        case .reply(.publicIPs(let list), to: _):
            for one in list.addresses where !script.publicAddresses.contains(one.address) {
                script.publicAddresses.append(one.address)
            }
        case .reply(.vnnMap(let map), to: _): script.generations.insert(map.generation.rawValue)
        case .reply(.databaseID(let id), to: let opcode):
            guard let name = attachedName(sighting) else { break }
            script.databases[id] = ReplayScript.Database(name: name, kind: Self.kind(opcode))
        case .reply(.databaseName(let name), to: _):
            guard let id = sighting.request?.database else { break }
            if script.databases[id] == nil {
                script.databases[id] = ReplayScript.Database(name: name, kind: nil)
            }
        default: break
        }
    }

    /// The name in the question that an answer belongs to.
    private func attachedName(_ answer: LegacySighting) -> String? {
        guard let number = answer.request?.number,
            let step = script.steps.last(where: { $0.number == number }),
            case .request(.attachDatabase(let name, _)) = step.sighting.payload
        else { return nil }
        return name
    }

    private static func kind(_ opcode: ControlOpcode) -> ControlRequest.DatabaseKind? {
        switch opcode {
        case .attachDatabase: .volatile
        case .attachPersistentDatabase: .persistent
        case .attachReplicatedDatabase: .replicated
        default: nil
        }
    }
}
