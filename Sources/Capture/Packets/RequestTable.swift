// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import DequeModule
import LegacyWire
import Vocabulary

/// Requests that have not been answered, by what their answers have in common with them.
///
/// An answer to a client comes on the client's own connection. An answer to a node may come on
/// another connection, and a call's from another node than the one that was asked; but it goes to
/// the address and the node that asked.
struct RequestTable: Sendable {
    /// How many are remembered; the oldest are forgotten first.
    private static let limit = 1 << 16

    private enum Key: Hashable {
        case connection(Endpoint, Endpoint, Reqid)
        case node(NetworkAddress?, PNN, Reqid)
    }

    /// How many srvids are remembered at which answers come.
    private static let srvidLimit = 1 << 12

    private var requests: [Key: SeenRequest] = [:]
    private var order: Deque<(Key, number: UInt64)> = []
    private var asked: [SrvID: MessageAnswer.Question] = [:]
    private var askedOrder: Deque<SrvID> = []

    /// Remembers a request, or finds the one that an answer is for.
    ///
    /// - Parameters:
    ///   - packet: a packet.
    ///   - layout: the layout of the machine that wrote it.
    ///   - number: its number in the file.
    ///   - time: when it was seen.
    ///   - source: who sent it.
    ///   - destination: who it was for.
    /// - Returns: the request that the packet answers.
    mutating func take(
        _ packet: LegacyPacket, layout: LegacyLayout, number: UInt64, time: CaptureTime?,
        source: Endpoint?, destination: Endpoint?
    ) -> SeenRequest? {
        switch packet.body {
        case .requestControl(let control):
            guard !control.flags.contains(.noReply) else { return nil }
            let request = SeenRequest(
                number: number, time: time, operation: packet.operation, opcode: control.opcode,
                srvid: control.srvid.rawValue == 0 ? nil : control.srvid,
                database: control.database(layout))
            remember(request, packet, source, destination)
            return nil
        case .requestCall(let call):
            let request = SeenRequest(
                number: number, time: time, operation: packet.operation, opcode: nil,
                function: call.function, srvid: nil, database: call.database)
            remember(request, packet, source, destination)
            return nil
        case .replyControl, .replyCall, .replyDmaster, .replyError:
            return answer(packet, source, destination)
        default:
            return nil
        }
    }

    /// Remembers the srvid at which a question wants its answers, or finds the question that a
    /// message answers.
    ///
    /// - Parameters:
    ///   - packet: a packet.
    ///   - layout: the layout of the machine that wrote it.
    /// - Returns: what was asked, when the packet is a message to such a srvid.
    mutating func question(
        _ packet: LegacyPacket, layout: LegacyLayout
    ) -> MessageAnswer.Question? {
        switch packet.body {
        case .requestControl(let control)
        where control.opcode == .traverseStart || control.opcode == .traverseStartExtended: break
        case .requestMessage(let message):
            switch message.srvid {
            case .memoryDump, .takeoverRun, .disableTakeoverRuns, .disableRecoveries: break
            default: return asked.isEmpty ? nil : asked[message.srvid]
            }
        default: return nil
        }
        guard let expected = packet.contents(layout: layout).expected,
            case .srvid(let question) = expected.question
        else { return nil }
        if asked.updateValue(question, forKey: expected.srvid) == nil {
            askedOrder.append(expected.srvid)
            if askedOrder.count > Self.srvidLimit, let oldest = askedOrder.popFirst() {
                asked[oldest] = nil
            }
        }
        return nil
    }

    private mutating func remember(
        _ request: SeenRequest, _ packet: LegacyPacket, _ source: Endpoint?,
        _ destination: Endpoint?
    ) {
        if let source, let destination {
            set(.connection(source, destination, packet.reqid), request)
        }
        set(.node(source?.address, packet.source, packet.reqid), request)
    }

    private mutating func set(_ key: Key, _ request: SeenRequest) {
        requests[key] = request
        order.append((key, request.number))
        // Answered ones are in the order, too, until they come to its front.
        while requests.count > Self.limit || order.count > 2 &* Self.limit,
            let oldest = order.popFirst()
        {
            if requests[oldest.0]?.number == oldest.number { requests[oldest.0] = nil }
        }
    }

    private mutating func answer(
        _ packet: LegacyPacket, _ source: Endpoint?, _ destination: Endpoint?
    ) -> SeenRequest? {
        let node = Key.node(destination?.address, packet.destination, packet.reqid)
        guard let source, let destination else { return forget(node, packet) }
        let connection = Key.connection(destination, source, packet.reqid)
        if let request = requests[connection] {
            if requests[node] == request { _ = forget(node, packet) }
            return forget(connection, packet)
        }
        return forget(node, packet)
    }

    /// Takes a request out, if the answer is of its kind.
    private mutating func forget(_ key: Key, _ packet: LegacyPacket) -> SeenRequest? {
        guard let request = requests[key] else { return nil }
        let isControl = if case .replyControl = packet.body { true } else { false }
        guard (request.opcode != nil) == isControl else { return nil }
        requests[key] = nil
        return request
    }
}
