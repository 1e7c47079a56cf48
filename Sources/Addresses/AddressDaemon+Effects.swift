// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import AddressDaemonCore
import AddressShell
import Bytes
import LegacyWire
import NetworkInterfaces
import NetworkWire
import PeerClient
import PeerWire
import Presentation
import Sockets
import StageCore
import Vocabulary

/// Carries out what the machines decide.
extension AddressDaemon {
    /// Gives a machine an event, after those that are being dealt with.
    func give(_ work: Work) {
        pending.append(work)
        guard !isWorking else { return }
        isWorking = true
        var index = 0
        while index < pending.count {
            let now = EventLoop.clock()
            switch pending[index] {
            case .coordinator(let event):
                for effect in coordinator.handle(event, at: now) { perform(effect) }
            case .host(let event):
                for effect in host.handle(event, at: now) { perform(effect) }
            }
            index += 1
        }
        pending.removeAll(keepingCapacity: true)
        isWorking = false
    }

    // MARK: The coordinator's

    private func perform(_ effect: CoordinatorCore.Effect) {
        switch effect {
        case .ask(let token, let node, let request, let ofDaemon, let order, let limit):
            if ofDaemon {
                ask(token, node, request, order, within: limit)
            } else {
                link.control(request, of: node, within: limit) { [unowned self] answer in
                    switch answer {
                    case .reply(let reply): give(.coordinator(.answered(token, .reply(reply))))
                    case .failure(let why): give(.coordinator(.answered(token, .failure(why))))
                    }
                }
            }
        case .tell(let message):
            for node in others(where: { $0 > .legacy }) {
                peers.tell(
                    PeerProtocol.ipCoordinator, (try? message.encoded()) ?? [], to: node,
                    within: .seconds(2))
            }
        case .forward(let asker, let node, let request): forward(asker, node, request)
        case .answer(let asker, let run): peers.answer(asker, (try? run.encoded()) ?? [])
        case .answerRun(let message, let status):
            var writer = LegacyLayout.native.writer(capacity: 4)
            writer.write(status)
            link.send(writer.finish(), to: message.replyTo, at: message.pnn)
        case .credit(let node):
            log.warning("node \(node) gets credits towards a ban")
            var writer = LegacyLayout.native.writer(capacity: 4)
            writer.write(node.rawValue)
            link.send(writer.finish(), to: .banning, at: own)
        case .moved(let move):
            append(
                HostCore.Record(
                    address: move.address, event: "moved", from: move.from, to: move.to,
                    reason: move.reason, microseconds: move.microseconds))
        case .compared(let differences, let state, let algorithm):
            compare(differences, state, algorithm)
        case .ran(let run):
            trimLater()
            participant.task(
                run.good ? .good : .error,
                latency: .microseconds(Int64(clamping: run.microseconds)))
        case .wake(let instant): arm(coordinator: instant)
        case .note(let note): write(note)
        }
    }

    private func others(where isMeant: (Stage) -> Bool) -> [PNN] {
        let connected = Set(
            nodes?.nodes.filter { $0.flags.isConnected }.map(\.pnn) ?? [])
        return stages.filter { $0.key != own && connected.contains($0.key) && isMeant($0.value) }
            .map(\.key)
    }

    /// Asks a daemon, which may be this one.
    private func ask(
        _ token: CoordinatorCore.Token, _ node: PNN, _ request: ControlRequest,
        _ order: CoordinatorCore.Order?, within limit: Duration
    ) {
        let order = order ?? CoordinatorCore.Order(term: 0)
        let settle = { [unowned self] (answer: CoordinatorCore.Answer) in
            give(.coordinator(.answered(token, answer)))
        }
        guard node != own else {
            lastAsker &+= 1
            askers[lastAsker] = .own(settle, request.opcode)
            return give(.host(.control(asker: lastAsker, request, order)))
        }
        guard let control = try? request.encode(layout: .native),
            let payload = try? IPControl(
                opcode: control.opcode.rawValue, flags: control.flags.rawValue,
                srvid: control.srvid.rawValue, term: order.term, holder: order.holder,
                reason: order.reason, data: Array(control.data)
            ).encoded()
        else { return settle(.failure("the request cannot be written")) }
        peers.request(PeerProtocol.ipControl, payload, of: node, within: limit) {
            [unowned self] answer in
            if case .reply(let payload) = answer, let reply = try? IPControlReply.decode(payload) {
                give(.coordinator(.term(reply.term)))
            }
            settle(Self.answer(answer, to: request.opcode))
        }
    }

    private static func answer(
        _ answer: PeerLink.Answer, to opcode: ControlOpcode
    ) -> CoordinatorCore.Answer {
        switch answer {
        case .refusal(.notPermitted, _): return .askCtdbd
        case .refusal(.failed, _): return .changing
        case .refusal(_, let text): return .failure(text)
        case .failure(let reason): return .failure(reason)
        case .reply(let payload):
            do throws(WireError) {
                let reply = try IPControlReply.decode(payload)
                return .reply(
                    try ControlReply.decode(
                        from: ReplyControl(
                            status: reply.status, data: reply.data[...],
                            error: Array(reply.error.utf8)[...]),
                        to: opcode, layout: .native))
            } catch {
                return .failure("\(error)")
            }
        }
    }

    private func forward(_ asker: UInt64, _ node: PNN, _ request: IPReallocate) {
        var request = request
        request.forwarded = true
        let payload = (try? request.encoded()) ?? []
        peers.request(PeerProtocol.ipReallocate, payload, of: node, within: .seconds(60)) {
            [unowned self] answer in
            switch answer {
            case .reply(let reply): peers.answer(asker, Array(reply))
            case .refusal(_, let text), .failure(let text):
                let run = IPRun(
                    good: false, problem: StageText.clipped("node \(node): \(text)", to: 512),
                    coordinator: node, moves: 0, microseconds: 0)
                peers.answer(asker, (try? run.encoded()) ?? [])
            }
        }
    }

    private func compare(
        _ differences: [CoordinatorCore.Difference], _ state: AddressState, _ algorithm: Algorithm
    ) {
        guard let first = differences.first else {
            return participant.compared([], subject: "run")
        }
        let text = { (node: PNN) in node.isNode ? "node \(node)" : "nobody" }
        participant.compared(
            differences.map {
                StageCore.ShadowLedger.Difference(
                    field: "holder", legacy: text($0.legacy), own: text($0.own))
            }, subject: "\(first.address)",
            replay: "ctdb ip plan --state -",
            input: { Array(state.json(algorithm).utf8) })
    }

    private func write(_ note: CoordinatorCore.Note) {
        switch note {
        case .coordinates(let node, let term):
            let who = node.map { $0 == own ? "this node" : "node \($0)" } ?? "nobody"
            log.notice("\(who) coordinates addresses (term \(term))")
            learnNodes()
        case .run(let text): log.notice("a run begins: \(text) move")
        case .failed(let reason): log.warning("a run failed: \(reason)")
        case .differs(let node, let more, let other, let missing):
            let list = { (addresses: [PublicAddress]) in
                addresses.prefix(20).map { "\($0)" }.joined(separator: " ")
            }
            log.warning(
                """
                node \(node) is configured with other addresses than node \(other): \
                it alone has [\(list(more))], it lacks [\(list(missing))]
                """)
        }
    }

    // MARK: The host's

    private func perform(_ effect: HostCore.Effect) {
        switch effect {
        case .ask(let token, let request):
            link.control(request, of: own, within: .seconds(30)) { [unowned self] answer in
                switch answer {
                case .reply(let reply): give(.host(.answered(token, reply, problem: "")))
                case .failure(let why): give(.host(.answered(token, nil, problem: why)))
                }
            }
        case .add(let token, let places):
            hands?.add(places.map(\.interfaceAddress)) { [unowned self] outcomes in
                give(.host(.placed(token, outcomes.map(HostCore.Outcome.init))))
            }
        case .remove(let token, let places):
            hands?.remove(places.map(\.interfaceAddress)) { [unowned self] outcomes in
                give(.host(.placed(token, outcomes.map(HostCore.Outcome.init))))
            }
        case .announce(let places):
            hands?.announce(places.map(\.interfaceAddress))
            askCtdbdForClients(of: places.map(\.address))
        case .announceOnce(let address, let interface):
            if let problem = hands?.announceOnce(address, on: interface) {
                log.warning("\(problem)")
            }
        case .tickle(let connections): hands?.tickle(connections.map(\.clientConnection))
        case .endConnections(let addresses):
            hands?.endConnections(to: addresses) { [log] report in
                if let failure = report.failure { log.warning("\(failure)") }
            }
        case .watch(let addresses):
            trimLater()
            hands?.track(addresses)
            hands?.watchConflicts(addresses)
        case .run(let token, let event, let words):
            scripts?.run(event, words, timeout: .seconds(eventSeconds)) { [unowned self] status in
                if status != 0 { log.warning("the scripts of \(event) gave \(status): \(words)") }
                give(.host(.ran(token, status: status)))
            }
        case .tellClients(let srvid, let address):
            link.send(address.map { Array("\($0)".utf8) + [0] } ?? [], to: srvid, at: own)
        case .answer(let asker, let status, let error, let reply):
            answer(asker, status, error, reply)
        case .refuse(let asker, let isChanging): refuse(asker, isChanging)
        case .share(let isComplete, let added, let removed): share(isComplete, added, removed)
        case .hosts(let isOwn): hosts(isOwn)
        case .failed(let reason): if let entering { failed(entering, reason) }
        case .reload: readConfiguration()
        case .history(let record): append(record)
        case .lookAgain:
            let message = SrvIDMessage(pnn: own, replyTo: SrvID(rawValue: 0))
            guard let bytes = try? message.encoded(layout: .native) else { return }
            link.send(bytes, to: .takeoverRun, at: .broadcastConnected)
        case .changed(let address, let isHere):
            reporter.tell(.address, "\(address)", isHere ? "taken" : "released")
        case .wake(let instant): arm(host: instant)
        case .note(let text): log.warning("\(text)")
        }
    }

    private func answer(
        _ asker: UInt64, _ status: Int32, _ error: String, _ reply: ControlReply?
    ) {
        switch askers.removeValue(forKey: asker) {
        case .own(let settle, _)?:
            settle(.reply(reply ?? .failed(status: status, reason: error)))
        case .peer(let handle)?:
            let data = reply.flatMap { try? $0.encode(layout: .native) }?.data ?? []
            let message = IPControlReply(
                status: status, error: error, data: Array(data),
                term: max(host.highestTerm, coordinator.coordination.term))
            peers.answer(handle, (try? message.encoded()) ?? [])
        case nil: break
        }
    }

    private func refuse(_ asker: UInt64, _ isChanging: Bool) {
        switch askers.removeValue(forKey: asker) {
        case .own(let settle, _)?: settle(isChanging ? .changing : .askCtdbd)
        case .peer(let handle)?:
            peers.refuse(
                handle, isChanging ? .failed : .notPermitted,
                isChanging
                    ? "the stage of ip is being changed on this node; ask again"
                    : "ctdbd has the addresses of this node")
        case nil: break
        }
    }

    private func share(
        _ isComplete: Bool, _ added: [HostCore.Connection], _ removed: [HostCore.Connection]
    ) {
        tellCtdbd(Set((added + removed).map(\.server)))
        let others = others { $0.isTakenOver }
        guard !others.isEmpty else { return }
        let part = 4096
        var start = 0
        repeat {
            let message = IPConnections(
                complete: isComplete && start == 0,
                added: added.dropFirst(start).prefix(part).map(\.message),
                removed: removed.dropFirst(start).prefix(part).map(\.message))
            guard let payload = try? message.encoded() else { return }
            for node in others {
                peers.tell(PeerProtocol.ipConnections, payload, to: node, within: .seconds(5))
            }
            start += part
        } while start < max(added.count, removed.count)
    }

    /// The nodes whose ctdbd moves their addresses.
    private var ctdbdNodes: [PNN] {
        (nodes?.nodes ?? []).filter {
            $0.flags.isConnected && stages[$0.pnn] != .finalised && $0.pnn != own
        }.map(\.pnn)
    }

    /// Tells the ctdbd of other nodes of connections, so that they can tickle clients, too.
    private func tellCtdbd(_ addresses: Set<IPAddress>) {
        let nodes = ctdbdNodes
        guard !nodes.isEmpty else { return }
        for address in addresses {
            let list = TickleList(
                address: SocketAddress(address),
                connections: host.connections(to: [address]).map {
                    TCPConnection(
                        source: SocketAddress($0.client, port: $0.clientPort),
                        destination: SocketAddress($0.server, port: $0.serverPort))
                })
            for node in nodes { link.tell(.setTickleList(list), at: node) }
        }
    }

    /// Tickles the clients of addresses that ctdbd had until now, as far as its nodes know them.
    private func askCtdbdForClients(of addresses: [IPAddress]) {
        guard let node = ctdbdNodes.first else { return }
        for address in addresses {
            link.control(
                .getTickleList(SocketAddress(address)), of: node, within: .seconds(3)
            ) { [unowned self] answer in
                guard case .reply(.tickles(let list)) = answer else { return }
                hands?.tickle(
                    list.connections.compactMap { connection -> ClientConnection? in
                        guard let server = PublicAddress(connection.destination),
                            let client = PublicAddress(connection.source)
                        else { return nil }
                        return ClientConnection(
                            server: Endpoint(server, port: connection.destination.port),
                            client: Endpoint(client, port: connection.source.port))
                    })
            }
        }
    }

    private func append(_ record: HostCore.Record) {
        let node = { (pnn: PNN) -> Value in pnn.isNode ? .number(Int64(pnn.rawValue)) : .none }
        let fields: [Field] = [
            Field("time", .number(Int64(clamping: ProcessEnvironment.wallClockMilliseconds()))),
            Field("address", .text("\(record.address)")), Field("event", .text(record.event)),
            Field("from", node(record.from)), Field("to", node(record.to)),
            Field("reason", .text(record.reason)),
            Field(
                "microseconds",
                record.microseconds.map { .number(Int64(clamping: $0)) } ?? .none),
            Field("by", .text("node \(own)")),
        ]
        history.append(Array(JSONText.text(.object(fields)).utf8))
        log.notice("\(record.address) \(record.event): \(record.reason)")
    }
}

extension HostCore.Outcome {
    init(_ outcome: NetworkControl.Outcome) {
        switch outcome {
        case .done: self = .done
        case .unchanged: self = .unchanged
        case .noInterface: self = .noInterface
        case .duplicate: self = .duplicate
        case .failed(let error): self = .failed("\(error)")
        }
    }
}
