// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import MessagingCore
import PeerWire
import ProxyCore
import Vocabulary

/// How a run of a world went.
package struct Run: Sendable {
    /// What is wrong; nil when nothing is.
    package var violation: Violation?
    /// Steps done.
    package var stepCount: Int
    /// What happened, if the options asked for it.
    package var trace: [String]
    /// How often something happened.
    package var tally: Tally
}

extension World {
    /// A world with faults, then healed, then run until everything has its outcome.
    package static func run(
        _ options: WorldOptions, seed: UInt64, sends: Int, faults: Int,
        milliseconds: UInt64 = 8_000
    ) -> Run {
        let world = World(options, seed: seed)
        var violation: Violation?
        do {
            try world.run(milliseconds: world.below(2) == 0 ? 1_000 : 0)
            world.plan(sends: sends, faults: faults, milliseconds: milliseconds)
            try world.run(milliseconds: milliseconds)
            world.heal()
            try world.settle()
        } catch {
            violation = error as? Violation ?? Violation(description: "\(error)")
        }
        return Run(
            violation: violation, stepCount: world.stepCount, trace: world.trace,
            tally: world.ledger.tally)
    }

    /// Runs a healed world until it rests, and checks what must be true then.
    package func settle() throws {
        // Restarts that are still planned come first; then the longest deadline.
        try run(milliseconds: 6_000)
        heal()
        let limit = now.advanced(byMilliseconds: 120_000)
        while now < limit {
            try run(milliseconds: 2_000)
            if ledger.openCount == 0, ledger.streams.verdict() == nil,
                processes.allSatisfy({ $0.endpoint?.isIdle ?? true })
            {
                break
            }
        }
        if let text = ledger.verdict() { throw Violation(description: text) }
        for at in processes.indices {
            guard let endpoint = processes[at].endpoint, !endpoint.isIdle else { continue }
            note("\(endpoint)")
            throw Violation(description: "\(name(at)) never comes to rest")
        }
        for node in options.rivalNodes {
            let count = processes.count {
                $0.node == node && $0.service == .proxy && $0.isAlive
            }
            guard count == 1 else {
                throw Violation(description: "node \(node) has \(count) proxies")
            }
        }
        try checkQuiet()
        try checkService()
    }

    /// When nobody sends, almost nothing is sent.
    private func checkQuiet() throws {
        // Who gave its proxy up just before it came back greets it again after five seconds.
        try run(milliseconds: 6_000)
        let before = frameCount
        let seconds = 4
        try run(milliseconds: UInt64(seconds) * 1_000)
        let proxies = processes.count { $0.service == .proxy }
        let silent = options.bareNodes.count + options.strangeNodes.count
        // One hello at a time to each node that has no proxy to talk to, and its answer.
        let limit = 4 + 4 * seconds * proxies * (silent + options.strangeNodes.count * proxies)
        guard frameCount - before <= limit else {
            throw Violation(
                description: "\(frameCount - before) frames in \(seconds) quiet seconds")
        }
    }

    /// After all that, every node can be reached again.
    private func checkService() throws {
        let senders = processes.indices.filter { at in
            processes[at].service == options.services[0]
                && !options.bareNodes.contains(processes[at].node)
                && !options.strangeNodes.contains(processes[at].node)
        }
        guard senders.count > 1 else { return }
        var tokens: [UInt64] = []
        for (place, at) in senders.enumerated() {
            let node = processes[senders[(place + 1) % senders.count]].node
            let address = Address(
                node: PNN(rawValue: UInt32(node)), service: options.services[0],
                instance: Instance(rawValue: 0))
            tokens.append(send(at, to: address, kind: .message, timeoutMilliseconds: 60_000))
        }
        try run(milliseconds: 4_000)
        for token in tokens {
            let completion = ledger.sends[Int(token) - 1].completion
            guard completion == .delivered else {
                let became = completion.map { "\($0)" } ?? "nothing"
                throw Violation(description: "\(token) in a healed world: \(became)")
            }
        }
    }

    // MARK: Sabotage

    /// Spoils one frame on its way to an endpoint, as a broken core might.
    func sabotage(_ bytes: inout [UInt8], to target: Int) {
        guard !hasSabotaged, processes[target].service != .proxy,
            let frame = try? Frame.decode(bytes[...]), case .outcomes(let outcomes) = frame.body
        else { return }
        var packets = frame.packets
        var told = outcomes
        switch options.sabotage {
        case .doublesPackets:
            var rest = frame.packets
            guard let first = try? Packet.takeFirst(from: &rest), first.header.kind == .message
            else { return }
            var header = first.header
            header.packetID += 1_000_000
            packets += Packet.encode(header, payload: first.payload)
        case .dropsOutcomes:
            guard !outcomes.isEmpty else { return }
            told = []
        case nil: return
        }
        // What was consumed is told again by the next outcome: all of them have to go.
        hasSabotaged = options.sabotage == .doublesPackets
        bytes =
            Frame.encodeFront(
                header: frame.header, body: .outcomes(told), packetByteCount: packets.count,
                room: packets.count) + packets
    }
}
