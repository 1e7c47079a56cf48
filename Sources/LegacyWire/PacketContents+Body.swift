// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

extension LegacyPacket {
    /// What the packet says, down to the last field that is known.
    ///
    /// - Parameters:
    ///   - question: what the packet answers, if it is known.
    ///   - layout: the layout of the machine that wrote it.
    /// - Returns: the contents; `.unreadable` when the data is not what it ought to be.
    public func contents(
        answering question: PacketContents.Question? = nil, layout: LegacyLayout
    ) -> PacketContents {
        PacketContents(body, answering: question, layout: layout)
    }
}

extension PacketContents {
    /// Reads the data in the body of a packet.
    ///
    /// - Parameters:
    ///   - body: the body.
    ///   - question: what the packet answers, if it is known.
    ///   - layout: the layout of the machine that wrote it.
    public init(
        _ body: LegacyPacket.Body, answering question: Question? = nil, layout: LegacyLayout
    ) {
        do throws(WireError) {
            self = try Self.decode(body, answering: question, layout: layout)
        } catch {
            self = .unreadable(body, error)
        }
    }

    private static func decode(
        _ body: LegacyPacket.Body, answering question: Question?, layout: LegacyLayout
    ) throws(WireError) -> Self {
        switch body {
        case .requestCall(let call): return .requestCall(call)
        case .replyCall(let reply):
            guard question == .call(function: RequestCall.fetchWithHeaderFunction) else {
                return .replyCall(reply)
            }
            return try fetched(reply, layout: layout)
        case .requestDmaster(let request): return .requestDmaster(request)
        case .replyDmaster(let reply): return .replyDmaster(reply)
        case .replyError(let reply): return .replyError(reply)
        case .requestMessage(let message):
            if case .srvid(let question) = question,
                let answer = try MessageAnswer.decode(
                    message.data, to: question, layout: layout)
            {
                return .answer(message.srvid, answer)
            }
            return .message(
                try MessagePayload.decode(
                    srvid: message.srvid, data: message.data, layout: layout))
        case .requestControl(let control):
            return .requestControl(
                try ControlRequest.decode(from: control, layout: layout),
                Envelope(srvid: control.srvid, clientID: control.clientID, flags: control.flags))
        case .replyControl(let reply):
            guard case .control(let opcode) = question else { return .unpairedReply(reply) }
            return .replyControl(
                try ControlReply.decode(from: reply, to: opcode, layout: layout), to: opcode)
        case .requestKeepalive(let life): return .keepalive(life)
        case .shortKeepalive(let bytes): return .shortKeepalive(bytes)
        case .requestTunnel(let tunnel): return .tunnel(tunnel)
        case .unknown(let operation, let bytes):
            return .unknown(operation: operation, bytes: bytes)
        }
    }

    /// A reply whose data begins with the record's header; nothing is there when the call failed.
    private static func fetched(
        _ reply: ReplyCall, layout: LegacyLayout
    ) throws(WireError) -> Self {
        guard !reply.data.isEmpty else { return .replyCall(reply) }
        var reader = layout.reader(over: reply.data)
        let header = try RecordHeader.decode(from: &reader, layout: layout)
        return .fetched(
            status: reply.status, header: header, value: reply.data.dropFirst(reader.offset))
    }

    /// The contents as the body of a packet.
    ///
    /// - Parameter layout: the layout of the machine that will read it.
    /// - Returns: the body.
    /// - Throws: `WireError` when a value cannot be expressed.
    public func body(layout: LegacyLayout) throws(WireError) -> LegacyPacket.Body {
        switch self {
        case .requestCall(let call): return .requestCall(call)
        case .replyCall(let reply): return .replyCall(reply)
        case .fetched(let status, let header, let value):
            let record = RecordData(header: header, key: [], value: value, layout: layout)
            return .replyCall(ReplyCall(status: status, data: record.data))
        case .requestDmaster(let request): return .requestDmaster(request)
        case .replyDmaster(let reply): return .replyDmaster(reply)
        case .replyError(let reply): return .replyError(reply)
        case .message(let payload): return .requestMessage(try payload.encode(layout: layout))
        case .answer(let srvid, let answer):
            return .requestMessage(
                RequestMessage(srvid: srvid, data: try answer.encode(layout: layout)[...]))
        case .requestControl(let control, let envelope):
            var body = try control.encode(
                layout: layout, flags: envelope.flags, clientID: envelope.clientID)
            if control.srvid.rawValue == 0 { body.srvid = envelope.srvid }
            return .requestControl(body)
        case .replyControl(let reply, _): return .replyControl(try reply.encode(layout: layout))
        case .unpairedReply(let reply): return .replyControl(reply)
        case .keepalive(let life): return .requestKeepalive(life)
        case .shortKeepalive(let bytes): return .shortKeepalive(bytes)
        case .tunnel(let tunnel): return .requestTunnel(tunnel)
        case .unknown(let operation, let bytes):
            return .unknown(operation: operation, bytes: bytes)
        case .unreadable(let body, _): return body
        }
    }
}
