// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// What a packet says, down to the last field that is known.
///
/// `LegacyPacket` reads the part that all packets of an operation have in common; this reads the
/// data inside, which depends on the opcode, the srvid or what was asked. What is not known stays
/// bytes, and what ought to be known and cannot be read keeps its bytes with the error.
///
/// - Source: ctdb/protocol/protocol.h, protocol_control.c and protocol_message.c, Samba 4.17.
public enum PacketContents: Equatable, Sendable {
    /// What an answer belongs to; no answer says it itself.
    public enum Question: Hashable, Sendable {
        /// A control; its answer has the same reqid.
        case control(ControlOpcode)
        /// A call of a function; its answer has the same reqid.
        case call(function: UInt32)
        /// Something that is answered at a srvid that the question named.
        case srvid(MessageAnswer.Question)
    }

    /// What a control's packet says beside the control.
    public struct Envelope: Hashable, Sendable {
        /// Whom or what it is about, in most controls 0.
        public var srvid: SrvID
        /// The client that asked.
        public var clientID: UInt32
        /// How it is to be done.
        public var flags: RequestControl.Flags

        /// Makes an envelope.
        public init(
            srvid: SrvID = SrvID(rawValue: 0), clientID: UInt32 = 0,
            flags: RequestControl.Flags = []
        ) {
            self.srvid = srvid
            self.clientID = clientID
            self.flags = flags
        }
    }

    /// Run a function on a record.
    case requestCall(RequestCall)
    /// The result of a call.
    case replyCall(ReplyCall)
    /// The result of a call that fetched a record with its header.
    case fetched(status: Int32, header: RecordHeader, value: ArraySlice<UInt8>)
    /// Give a record to another node.
    case requestDmaster(RequestDmaster)
    /// A record and its ownership.
    case replyDmaster(ReplyDmaster)
    /// A call or a change of ownership failed.
    case replyError(ReplyError)
    /// A message to one of ctdbd's srvids, or to one that is not known: `MessagePayload.other`.
    case message(MessagePayload)
    /// An answer to a srvid that its question named.
    case answer(SrvID, MessageAnswer)
    /// A control.
    case requestControl(ControlRequest, Envelope)
    /// The result of a control.
    case replyControl(ControlReply, to: ControlOpcode)
    /// The result of a control of which nobody said what it was.
    case unpairedReply(ReplyControl)
    /// A sign of life.
    case keepalive(RequestKeepalive)
    /// A sign of life without all of its fields.
    case shortKeepalive(ArraySlice<UInt8>)
    /// A message for a tunnel.
    case tunnel(RequestTunnel)
    /// A body of an operation that no release defines.
    case unknown(operation: UInt32, bytes: ArraySlice<UInt8>)
    /// A body whose data is not what it ought to be, and why.
    case unreadable(LegacyPacket.Body, WireError)

    /// The question that answers to this packet belong to; nil for what is not answered.
    public var question: Question? {
        switch self {
        case .requestCall(let call): .call(function: call.function)
        case .requestControl(let control, _): .control(control.opcode)
        case .unreadable(.requestControl(let control), _): .control(control.opcode)
        default: nil
        }
    }

    /// The srvid at which answers to this packet come, and what they belong to.
    public var expected: (srvid: SrvID, question: Question)? {
        switch self {
        case .message(.memoryDump(let message)), .message(.takeoverRun(let message)):
            answer(at: message.replyTo)
        case .message(.disableTakeoverRuns(let message)),
            .message(.disableRecoveries(let message)):
            answer(at: message.replyTo)
        case .requestControl(.traverseStart(let start), _): (start.srvid, .srvid(.traversal))
        case .requestControl(.traverseStartExtended(let start), _):
            (start.srvid, .srvid(.traversal))
        default: nil
        }
    }

    /// A message that names no srvid wants no answer.
    private func answer(at srvid: SrvID) -> (srvid: SrvID, question: Question)? {
        guard case .message(let payload) = self, srvid.rawValue != 0 else { return nil }
        return (srvid, .srvid(.message(payload.srvid)))
    }
}
