// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

extension LegacyPacket.Body {
    /// What the body asks or answers.
    public var operation: Operation {
        switch self {
        case .requestCall: .requestCall
        case .replyCall: .replyCall
        case .requestDmaster: .requestDmaster
        case .replyDmaster: .replyDmaster
        case .replyError: .replyError
        case .requestMessage: .requestMessage
        case .requestControl: .requestControl
        case .replyControl: .replyControl
        case .requestKeepalive, .shortKeepalive: .requestKeepalive
        case .requestTunnel: .requestTunnel
        case .unknown(let operation, _): Operation(rawValue: operation)
        }
    }

    /// Reads the body of an operation from the rest of a packet.
    static func decode(
        _ operation: Operation, from reader: inout ByteReader, layout: LegacyLayout
    ) throws(WireError) -> Self {
        switch operation {
        case .requestCall:
            return .requestCall(try RequestCall.decode(from: &reader, layout: layout))
        case .replyCall:
            return .replyCall(try ReplyCall.decode(from: &reader, layout: layout))
        case .requestDmaster:
            return .requestDmaster(try RequestDmaster.decode(from: &reader, layout: layout))
        case .replyDmaster:
            return .replyDmaster(try ReplyDmaster.decode(from: &reader, layout: layout))
        case .replyError:
            return .replyError(try ReplyError.decode(from: &reader, layout: layout))
        case .requestMessage:
            return .requestMessage(try RequestMessage.decode(from: &reader, layout: layout))
        case .requestControl:
            return .requestControl(try RequestControl.decode(from: &reader, layout: layout))
        case .replyControl:
            return .replyControl(try ReplyControl.decode(from: &reader, layout: layout))
        case .requestKeepalive:
            guard reader.available >= RequestKeepalive.fixedByteCount(layout: layout) else {
                return .shortKeepalive(
                    try reader.readBytes(reader.available, "version", of: "RequestKeepalive"))
            }
            return .requestKeepalive(try RequestKeepalive.decode(from: &reader, layout: layout))
        case .requestTunnel:
            return .requestTunnel(try RequestTunnel.decode(from: &reader, layout: layout))
        case .unknown(let number):
            return .unknown(
                operation: number,
                bytes: try reader.readBytes(reader.available, "body", of: "LegacyPacket"))
        }
    }

    /// Appends the body without padding.
    func encode(into writer: inout ByteWriter, layout: LegacyLayout) throws(WireError) {
        switch self {
        case .requestCall(let body): try body.encode(into: &writer, layout: layout)
        case .replyCall(let body): try body.encode(into: &writer, layout: layout)
        case .requestDmaster(let body): try body.encode(into: &writer, layout: layout)
        case .replyDmaster(let body): try body.encode(into: &writer, layout: layout)
        case .replyError(let body): try body.encode(into: &writer, layout: layout)
        case .requestMessage(let body): try body.encode(into: &writer, layout: layout)
        case .requestControl(let body): try body.encode(into: &writer, layout: layout)
        case .replyControl(let body): try body.encode(into: &writer, layout: layout)
        case .requestKeepalive(let body): body.encode(into: &writer, layout: layout)
        case .requestTunnel(let body): try body.encode(into: &writer, layout: layout)
        case .unknown(_, let bytes), .shortKeepalive(let bytes): writer.write(contentsOf: bytes)
        }
    }

    /// The size of the body in bytes, without padding.
    func byteCount(layout: LegacyLayout) -> Int {
        switch self {
        case .requestCall(let body): body.byteCount(layout: layout)
        case .replyCall(let body): body.byteCount(layout: layout)
        case .requestDmaster(let body): body.byteCount(layout: layout)
        case .replyDmaster(let body): body.byteCount(layout: layout)
        case .replyError(let body): body.byteCount(layout: layout)
        case .requestMessage(let body): body.byteCount(layout: layout)
        case .requestControl(let body): body.byteCount(layout: layout)
        case .replyControl(let body): body.byteCount(layout: layout)
        case .requestKeepalive(let body): body.byteCount(layout: layout)
        case .requestTunnel(let body): body.byteCount(layout: layout)
        case .unknown(_, let bytes), .shortKeepalive(let bytes): bytes.count
        }
    }

    /// The least size of the body: a C struct that ends in an array of one byte is never shorter.
    func minimumByteCount(layout: LegacyLayout) -> Int {
        switch self {
        case .requestCall: RequestCall.fixedByteCount(layout: layout) &+ 1
        case .replyCall: ReplyCall.fixedByteCount(layout: layout) &+ 1
        case .requestDmaster: RequestDmaster.fixedByteCount(layout: layout) &+ 1
        case .replyDmaster: ReplyDmaster.fixedByteCount(layout: layout) &+ 1
        case .replyError: ReplyError.fixedByteCount(layout: layout) &+ 1
        case .requestMessage: RequestMessage.fixedByteCount(layout: layout) &+ 1
        case .requestControl: RequestControl.fixedByteCount(layout: layout) &+ 1
        case .replyControl: ReplyControl.fixedByteCount(layout: layout) &+ 1
        case .requestTunnel: RequestTunnel.fixedByteCount(layout: layout) &+ 1
        case .requestKeepalive: RequestKeepalive.fixedByteCount(layout: layout)
        case .unknown, .shortKeepalive: 0
        }
    }

    /// Refuses a sign of life, and an unknown body that would pass for a known one or that padding
    /// would change.
    func checkSendable() throws(WireError) {
        guard case .unknown(let number, let bytes) = self else {
            guard operation != .requestKeepalive else {
                throw Self.refused(UInt64(operation.rawValue), "operation", at: 16)
            }
            return
        }
        guard case .unknown = Operation(rawValue: number) else {
            throw Self.refused(UInt64(number), "operation", at: 16)
        }
        guard bytes.count % LegacyPacket.alignment == 0 else {
            throw Self.refused(UInt64(bytes.count), "body", at: PacketHeader.byteCount)
        }
    }

    private static func refused(_ value: UInt64, _ field: String, at offset: Int) -> WireError {
        WireError(code: .invalidValue(value), type: "LegacyPacket", field: field, offset: offset)
    }
}
