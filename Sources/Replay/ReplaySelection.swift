// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import LegacyWire
import Vocabulary

/// Which steps of a script are played.
public struct ReplaySelection: Equatable, Sendable {
    /// Only these clients, by their numbers in the capture; nil is all of them.
    public var clients: Set<Int>?
    /// Only these controls; nil is everything, calls and messages too.
    public var controls: Set<String>?
    /// Only what is about these databases; nil is everything.
    public var databases: Set<DatabaseID>?
    /// Only what was sent from then on, in nanoseconds since the first packet.
    public var from: Int64?
    /// Only what was sent before then.
    public var until: Int64?
    /// The names of destructive controls and messages that may be sent.
    public var allowed: Set<String> = []

    /// Everything but what is destructive.
    public init() {}

    /// The control of a name, whatever its case, with or without dashes; nil when there is none.
    public static func control(named text: String) -> ControlOpcode? {
        let wanted = DestructiveControls.plain(text)
        return ControlOpcode.allKnown.first { DestructiveControls.plain("\($0)") == wanted }
    }

    /// What is left out, and why.
    public struct Choice: Equatable, Sendable {
        /// The places of the steps that are left out.
        public var skipped: Set<Int> = []
        /// How often each destructive thing was refused, by its name.
        public var refused: [String: Int] = [:]
    }

    /// Chooses.
    public func choose(_ script: ReplayScript) -> Choice {
        var choice = Choice()
        for (index, step) in script.steps.enumerated() {
            guard case .send = step.action else { continue }
            guard holds(step, script) else {
                choice.skipped.insert(index)
                continue
            }
            guard let danger = DestructiveControls.danger(step.sighting.packet),
                !allowed.contains(danger.name)
            else { continue }
            choice.skipped.insert(index)
            choice.refused[danger.name, default: 0] += 1
        }
        return choice
    }

    private func holds(_ step: ReplayScript.Step, _ script: ReplayScript) -> Bool {
        if let clients {
            let client = script.clients[step.client]
            guard clients.contains(client.note?.number ?? Int(client.endpoint.port)) else {
                return false
            }
        }
        if let controls {
            guard let opcode = step.sighting.opcode, controls.contains("\(opcode)") else {
                return false
            }
        }
        if let databases {
            guard let database = step.sighting.database, databases.contains(database) else {
                return false
            }
        }
        if let from, step.offset < from { return false }
        if let until, step.offset >= until { return false }
        return true
    }
}

extension ReplayScript {
    /// The steps that play one question alone: what its client has registered, the attachment of
    /// its database, the question and its answer.
    ///
    /// - Parameter question: the place of the question.
    /// - Returns: the places of the steps, in order.
    public func sample(of question: Int) -> [Int] {
        guard steps.indices.contains(question) else { return [] }
        let wanted = steps[question]
        let database = wanted.sighting.database
        var places: Set<Int> = [question]
        for (index, step) in steps[..<question].enumerated() {
            guard case .send = step.action,
                case .requestControl(let control) =
                    step.sighting.packet.body
            else { continue }
            switch control.opcode {
            case .registerSrvID, .registerTunnel:
                if step.client == wanted.client { places.insert(index) }
            case .attachDatabase, .attachPersistentDatabase, .attachReplicatedDatabase:
                if let database, attached(index) == database { places.insert(index) }
            default: break
            }
        }
        for place in places {
            if case .send(let answer?) = steps[place].action { places.insert(answer) }
        }
        for (index, step) in steps.enumerated() {
            if case .message(question) = step.action { places.insert(index) }
        }
        return places.sorted()
    }

    /// The database that a step has attached.
    private func attached(_ index: Int) -> DatabaseID? {
        guard case .send(let answer?) = steps[index].action,
            case .reply(.databaseID(let id), to: _) = steps[answer].sighting.payload
        else { return nil }
        return id
    }

    /// A packet of the script as a recording of a relay has it.
    public func pdu(of index: Int) -> (pdu: ExportedPDU, comments: [String]) {
        let step = steps[index]
        let client = clients[step.client]
        let daemon = Endpoint(address: client.endpoint.address, port: ClientNote.daemonPort)
        let isSent = if case .send = step.action { true } else { false }
        let pdu = ExportedPDU(
            dissector: ExportedPDU.legacy, source: isSent ? client.endpoint : daemon,
            destination: isSent ? daemon : client.endpoint, payload: step.sighting.bytes)
        return (pdu, client.note.map { [$0.text] } ?? [])
    }
}
