// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// A packet as somebody else wrote it: its values, and every byte that they leave unsaid.
///
/// `decode` then `encode` gives the same bytes, whatever they are. It is for captures; what is to
/// be sent is a `LegacyPacket`.
///
/// - Source: `_ctdb_transport_allocate`, ctdb/server/ctdb_daemon.c, Samba 4.17.
public struct WholePacket: Equatable, Sendable {
    /// The instance of the cluster that the sender was in.
    public var generation: Generation
    /// The node, or group of nodes, that it is for.
    public var destination: PNN
    /// The node that it is from.
    public var source: PNN
    /// Pairs an answer with its question.
    public var reqid: Reqid
    /// What it says.
    public var contents: PacketContents
    /// The bytes between and behind the fields of the packet; offsets count from its beginning.
    public private(set) var residue: Residue
    /// The same for the data of a message, a control or a result.
    public private(set) var dataResidue: Residue
    /// The same for the error of a result.
    public private(set) var errorResidue: Residue

    /// Whether every byte belongs to a field, or lies where no field is.
    public var isExplained: Bool {
        residue.isExplained && dataResidue.isExplained && errorResidue.isExplained
    }

    /// Reads one whole packet.
    ///
    /// - Parameters:
    ///   - bytes: the packet, all of it and nothing else.
    ///   - question: what the packet answers, if it is known.
    ///   - layout: the layout of the machine that wrote it.
    /// - Returns: the packet; its keys and data share the storage of `bytes`.
    /// - Throws: `WireError` when the bytes are no packet; data that cannot be read is no error.
    public static func decode(
        _ bytes: ArraySlice<UInt8>, answering question: PacketContents.Question? = nil,
        layout: LegacyLayout
    ) throws(WireError) -> Self {
        let packet = try LegacyPacket.decode(bytes, layout: layout)
        let contents = packet.contents(answering: question, layout: layout)
        var holes = layout
        holes.filler = 0xFF
        let written = try contents.body(layout: layout)
        let filled = try contents.body(layout: holes)
        return Self(
            generation: packet.generation, destination: packet.destination,
            source: packet.source, reqid: packet.reqid, contents: contents,
            residue: Residue(
                of: bytes, written: try packet.encode(byteCount: bytes.count, layout: layout),
                filled: try packet.encode(byteCount: bytes.count, layout: holes)),
            dataResidue: Residue(
                of: packet.body.data, written: Array(written.data), filled: Array(filled.data)),
            errorResidue: Residue(
                of: packet.body.error, written: Array(written.error),
                filled: Array(filled.error)))
    }

    /// The bytes that the packet was read from, or those of changed values with the same residue.
    ///
    /// - Parameter layout: the layout of the machine that wrote it.
    /// - Returns: the packet.
    /// - Throws: `WireError` when a changed value cannot be expressed.
    public func encode(layout: LegacyLayout) throws(WireError) -> [UInt8] {
        let body = try contents.body(layout: layout)
        let packet = LegacyPacket(
            generation: generation, destination: destination, source: source, reqid: reqid,
            body: body.replacing(
                data: dataResidue.restored(over: Array(body.data)),
                error: errorResidue.restored(over: Array(body.error))))
        let written = try packet.encodeAsSeen(layout: layout, limit: .max)
        var writer = ByteWriter(
            order: layout.byteOrder, appendingTo: residue.restored(over: written))
        try writer.patchCount(at: 0)
        return writer.finish()
    }
}

extension LegacyPacket {
    /// The packet with the length that it had.
    fileprivate func encode(byteCount: Int, layout: LegacyLayout) throws(WireError) -> [UInt8] {
        var writer = ByteWriter(
            order: layout.byteOrder, appendingTo: try encodeAsSeen(layout: layout, limit: .max))
        writer.patch(UInt32(truncatingIfNeeded: byteCount), at: 0)
        return writer.finish()
    }
}

extension ByteWriter {
    /// Puts the number of all bytes in front of them.
    fileprivate mutating func patchCount(at offset: Int) throws(WireError) {
        guard let number = UInt32(exactly: count) else {
            throw WireError(
                code: .limitExceeded(value: UInt64(clamping: count), limit: UInt64(UInt32.max)),
                type: "WholePacket", field: "length", offset: offset)
        }
        patch(number, at: offset)
    }
}

extension LegacyPacket.Body {
    /// The data that `PacketContents` looks into; empty where it looks into nothing.
    fileprivate var data: ArraySlice<UInt8> {
        switch self {
        case .replyCall(let body): body.data
        case .requestMessage(let body): body.data
        case .requestControl(let body): body.data
        case .replyControl(let body): body.data
        default: []
        }
    }

    /// The error of a result.
    fileprivate var error: ArraySlice<UInt8> {
        guard case .replyControl(let body) = self else { return [] }
        return body.error
    }

    /// The body with other data.
    fileprivate func replacing(data: [UInt8], error: [UInt8]) -> Self {
        switch self {
        case .replyCall(var body):
            body.data = data[...]
            return .replyCall(body)
        case .requestMessage(var body):
            body.data = data[...]
            return .requestMessage(body)
        case .requestControl(var body):
            body.data = data[...]
            return .requestControl(body)
        case .replyControl(var body):
            body.data = data[...]
            body.error = error[...]
            return .replyControl(body)
        default: return self
        }
    }
}
