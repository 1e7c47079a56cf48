// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

extension ControlReply {
    /// The answer as the body of a packet.
    ///
    /// - Parameter layout: the layout of the machine that will read it.
    /// - Returns: the body.
    /// - Throws: `.invalidValue` for a failure with status 0 or a number that would be taken for a
    ///   failure; `.badString` for a text with a NUL inside; the errors of the payload types.
    public func encode(layout: LegacyLayout) throws(WireError) -> ReplyControl {
        var writer = layout.writer()
        switch self {
        case .done(let number), .clientCount(let number), .pid(let number),
            .monitorMode(let number):
            return try Self.reply(status: number)
        case .pnn(let pnn), .leader(let pnn): return try Self.reply(status: pnn.rawValue)
        case .recoveryMode(let mode): return try Self.reply(status: mode.rawValue)
        case .failed(let status, let reason):
            guard status != 0 else { throw Self.badStatus(0) }
            return ReplyControl(status: status, error: Array(reason.utf8)[...])
        case .databasePath(let text), .databaseName(let text), .memoryDump(let text),
            .databaseHealth(.some(let text)), .clusterLock(.some(let text)):
            try writer.writeTerminated(text, "text", of: "ControlReply")
        case .databaseHealth(nil), .clusterLock(nil): break
        case .tunable(let value), .recordCount(let value): writer.write(value)
        case .capabilities(let capabilities): writer.write(capabilities.rawValue)
        case .runState(let state): writer.write(state.rawValue)
        case .logLevel(let value), .openFlags(let value): writer.write(value)
        case .sequenceNumber(let number): writer.write(number)
        case .registrations(let bits): writer.write(contentsOf: bits)
        case .other(let data): return ReplyControl(status: 0, data: data)
        default: try value?.encode(into: &writer, layout: layout)
        }
        return ReplyControl(status: 0, data: writer.finish()[...])
    }

    /// The data of the answers that are a type of their own.
    private var value: (any LegacyCoding)? {
        switch self {
        case .vnnMap(let value): value
        case .nodeMap(let value): value
        case .databaseMap(let value): value
        case .databaseID(let value): value
        case .uptime(let value): value
        case .statistics(let value): value
        case .statisticsHistory(let value): value
        case .databaseStatistics(let value): value
        case .tunableNames(let value): value
        case .tunableValues(let value): value
        case .publicIPs(let value): value
        case .publicIPInfo(let value): value
        case .interfaces(let value): value
        case .tickles(let value): value
        case .banState(let value): value
        case .records(let value): value
        case .echo(let value): value
        default: nil
        }
    }

    /// A reply that is its status.
    private static func reply(status: UInt32) throws(WireError) -> ReplyControl {
        guard let signed = Int32(exactly: status) else { throw badStatus(status) }
        return ReplyControl(status: signed)
    }

    private static func badStatus(_ status: UInt32) -> WireError {
        WireError(
            code: .invalidValue(UInt64(status)), type: "ControlReply", field: "status", offset: 0)
    }
}
