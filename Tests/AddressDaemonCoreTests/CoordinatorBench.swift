// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressDaemonCore
import LegacyWire
import PeerWire
import StageCore
import Vocabulary

/// The coordinator of node 0, and the nodes that it asks, which answer as a test says.
struct CoordinatorBench {
    /// A question that waits for an answer.
    struct Asked {
        var token: CoordinatorCore.Token
        var node: PNN
        var request: ControlRequest
        var ofDaemon: Bool
        var order: CoordinatorCore.Order?
    }

    /// What a node says that it has.
    struct Node {
        var flags: NodeFlags = []
        /// Address by its last number, and who has it.
        var known: [UInt32: UInt32] = [:]
        var available: [UInt32] = []
    }

    var core = CoordinatorCore()
    var now = Instant(nanoseconds: 100_000_000_000)
    var nodes: [Node]
    /// Those whose daemon does not answer.
    var silent: Set<UInt32> = []
    /// What their ctdbd says then.
    var ofCtdbd: [UInt32: Node] = [:]
    private(set) var asked: [Asked] = []
    private(set) var effects: [CoordinatorCore.Effect] = []

    init(_ nodes: [Node], stages: [Stage]? = nil) {
        self.nodes = nodes
        let stages = stages ?? nodes.map { _ in .finalised }
        give(.connected(PNN(rawValue: 0)))
        give(
            .stages(
                Dictionary(
                    uniqueKeysWithValues: stages.enumerated().map {
                        (PNN(rawValue: UInt32($0.offset)), $0.element)
                    })))
        give(.nodes(map))
        give(.leader(PNN(rawValue: 0)))
        give(.stage(stages[0], mayAct: true))
    }

    static func address(_ number: UInt32) -> IPAddress { .ipv4(0x0A01_0000 + number) }

    private var map: NodeMap {
        NodeMap(
            nodes: nodes.enumerated().map {
                NodeMap.Node(
                    pnn: PNN(rawValue: UInt32($0.offset)), flags: $0.element.flags,
                    address: .ipv4(address: UInt32($0.offset), port: 4379))
            })
    }

    mutating func give(_ event: CoordinatorCore.Event) {
        for effect in core.handle(event, at: now) {
            if case .ask(let token, let node, let request, let ofDaemon, let order, _) = effect {
                asked.append(
                    Asked(
                        token: token, node: node, request: request, ofDaemon: ofDaemon,
                        order: order))
            } else {
                effects.append(effect)
            }
        }
    }

    mutating func pass(_ seconds: Int64) {
        now = now.advanced(by: .seconds(seconds))
        give(.wake)
    }

    /// Answers the questions that a test chooses; those that wait, and no others.
    mutating func answer(
        _ answer: CoordinatorCore.Answer, to isMeant: (Asked) -> Bool
    ) {
        let meant = asked.filter(isMeant)
        asked.removeAll(where: isMeant)
        for one in meant { give(.answered(one.token, answer)) }
    }

    /// Answers everything that is asked before a run, until orders come or nothing.
    mutating func gather() {
        while let one = asked.first(where: { !$0.isOrder }) {
            asked.removeAll { $0.token == one.token }
            give(.answered(one.token, state(one)))
        }
    }

    private func state(_ one: Asked) -> CoordinatorCore.Answer {
        let number = one.node.rawValue
        switch one.request {
        case .getAllTunables:
            let values = TunableValues.names.map { name -> UInt32 in
                ["IPAllocAlgorithm": 2, "TakeoverTimeout": 9, "EnableBans": 1][name] ?? 0
            }
            return .reply(.tunableValues(TunableValues(values: values)))
        case .getNodeMap: return .reply(.nodeMap(map))
        case .getPublicIPs(let onlyAvailable):
            if one.ofDaemon, silent.contains(number) { return .failure("no answer") }
            let node = one.ofDaemon ? nodes[Int(number)] : ofCtdbd[number] ?? nodes[Int(number)]
            let numbers = onlyAvailable ? node.available : node.known.keys.sorted()
            return .reply(
                .publicIPs(
                    PublicIPList(
                        addresses: numbers.map {
                            PublicIP(
                                pnn: PNN(rawValue: node.known[$0] ?? PNN.unknown.rawValue),
                                address: SocketAddress(Self.address($0)))
                        })))
        default: return .failure("not asked here")
        }
    }

    /// The orders that wait, in words.
    var orders: [String] {
        asked.filter(\.isOrder).map { "\($0.node) \($0.words)" }.sorted()
    }

    /// How runs ended, in their order.
    var ends: [IPRun] {
        effects.compactMap { if case .ran(let run) = $0 { run } else { nil } }
    }

    /// Who was blamed.
    var credits: [UInt32] {
        effects.compactMap { if case .credit(let node) = $0 { node.rawValue } else { nil } }
    }

    /// What whoever asked this daemon was told.
    var answers: [(asker: UInt64, run: IPRun)] {
        effects.compactMap {
            if case .answer(let asker, let run) = $0 { (asker, run) } else { nil }
        }
    }

    /// What whoever asked the recovery daemons was told.
    var messages: [Int32] {
        effects.compactMap { if case .answerRun(_, let status) = $0 { status } else { nil } }
    }
}

extension CoordinatorBench.Asked {
    var isOrder: Bool {
        switch request {
        case .startIPReallocate, .releaseIP, .takeoverIP, .ipReallocated: true
        default: false
        }
    }

    var words: String {
        switch request {
        case .startIPReallocate: "starts"
        case .ipReallocated: "ends"
        case .releaseIP(let one): "releases \(last(one)) to \(name(one.pnn))"
        case .takeoverIP(let one): "takes \(last(one))"
        default: "\(request.opcode)"
        }
    }

    private func last(_ one: PublicIP) -> UInt8 { one.address.octets.last ?? 0 }

    private func name(_ node: PNN) -> String { node.isNode ? "\(node)" : "nobody" }
}

extension CoordinatorCore.Answer {
    static var done: Self { .reply(.done(status: 0)) }
}
