// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import PeerWire
import Vocabulary

/// A legacy packet, its bytes, and the request that it answers.
public struct LegacySighting: Equatable, Sendable {
    /// The whole packet.
    public var bytes: ArraySlice<UInt8>
    /// The layout of the machine that wrote it.
    public var layout: LegacyLayout
    /// The packet.
    public var packet: LegacyPacket
    /// For an answer, what it answers, where that was seen.
    public var request: SeenRequest?
    /// For a message to a srvid that a question named, what was asked.
    public var question: MessageAnswer.Question?

    /// Makes a sighting.
    public init(
        bytes: ArraySlice<UInt8>, layout: LegacyLayout, packet: LegacyPacket,
        request: SeenRequest? = nil, question: MessageAnswer.Question? = nil
    ) {
        self.bytes = bytes
        self.layout = layout
        self.packet = packet
        self.request = request
        self.question = question
    }

    /// The control that it asks for or answers; nil for other packets, and for an answer whose
    /// question was not seen.
    public var opcode: ControlOpcode? {
        switch packet.body {
        case .requestControl(let control): control.opcode
        case .replyControl: request?.opcode
        default: nil
        }
    }

    /// What it answers; nil for other packets, and for an answer whose question was not seen.
    public var answered: PacketContents.Question? {
        switch packet.body {
        case .replyControl: request?.opcode.map { .control($0) }
        case .replyCall: request?.function.map { .call(function: $0) }
        case .requestMessage: question.map { .srvid($0) }
        default: nil
        }
    }

    /// The srvid that it is about, where it is about one.
    public var srvid: SrvID? {
        switch packet.body {
        case .requestMessage(let message): message.srvid
        case .requestControl(let control):
            control.srvid.rawValue == 0 ? nil : control.srvid
        case .replyControl: request?.srvid
        default: nil
        }
    }
}

/// What is remembered of a request until its answer is seen.
public struct SeenRequest: Equatable, Sendable {
    /// The number of its packet in the file.
    public var number: UInt64
    /// When it was seen.
    public var time: CaptureTime?
    /// What it was.
    public var operation: Operation
    /// The control; nil for a call.
    public var opcode: ControlOpcode?
    /// The function that a call has run; nil for a control.
    public var function: UInt32?
    /// The srvid that the control is about.
    public var srvid: SrvID?
    /// The database that it is about.
    public var database: DatabaseID?

    /// Makes what is remembered.
    public init(
        number: UInt64, time: CaptureTime?, operation: LegacyWire.Operation,
        opcode: ControlOpcode?, function: UInt32? = nil, srvid: SrvID?, database: DatabaseID?
    ) {
        self.number = number
        self.time = time
        self.operation = operation
        self.opcode = opcode
        self.function = function
        self.srvid = srvid
        self.database = database
    }
}

/// What the data of a legacy packet says, as far as the packet itself does not say it.
public enum LegacyPayload: Equatable, Sendable {
    /// The packet says everything.
    case none
    /// What a control asks.
    case request(ControlRequest)
    /// What a control answers.
    case reply(ControlReply, to: ControlOpcode)
    /// What a message to one of ctdbd's own srvids says.
    case message(MessagePayload)
    /// What a message to a srvid says that a question named.
    case answer(MessageAnswer)
    /// The record that a call has fetched, header and value.
    case fetched(RecordHeader, value: ArraySlice<UInt8>)
    /// A frame of the new protocol.
    case frame(PeerFrame)
    /// Nobody knows: the answer to a request that was not seen, or a message of a client's own.
    case opaque(ArraySlice<UInt8>)
    /// It is not what it should be.
    case unreadable(ArraySlice<UInt8>, WireError)
}

extension LegacySighting {
    /// What the data of the packet says.
    public var payload: LegacyPayload {
        switch packet.body {
        case .requestControl(let control):
            do {
                return .request(try ControlRequest.decode(from: control, layout: layout))
            } catch {
                return .unreadable(control.data, error)
            }
        case .replyControl(let reply):
            guard let opcode = request?.opcode else { return .opaque(reply.data) }
            do {
                return .reply(
                    try ControlReply.decode(from: reply, to: opcode, layout: layout), to: opcode)
            } catch {
                return .unreadable(reply.data, error)
            }
        case .replyCall(let reply): return payload(of: reply)
        case .requestMessage(let message): return payload(of: message)
        case .requestTunnel(let tunnel): return .opaque(tunnel.data)
        default: return .none
        }
    }

    private func payload(of reply: ReplyCall) -> LegacyPayload {
        switch PacketContents(.replyCall(reply), answering: answered, layout: layout) {
        case .fetched(_, let header, let value): return .fetched(header, value: value)
        case .unreadable(_, let error): return .unreadable(reply.data, error)
        default: return .none
        }
    }

    private func payload(of message: RequestMessage) -> LegacyPayload {
        do {
            if message.srvid == .tunnelNewProtocol {
                return .frame(try PeerFrame.decode(message.data))
            }
            let payload = try MessagePayload.decode(
                srvid: message.srvid, data: message.data, layout: layout)
            guard case .other(_, let data) = payload else { return .message(payload) }
            // The srvid is a client's own, and may be used for something else, too.
            guard let question,
                let answer = try? MessageAnswer.decode(data, to: question, layout: layout)
            else { return .opaque(data) }
            return .answer(answer)
        } catch {
            return .unreadable(message.data, error)
        }
    }
}
