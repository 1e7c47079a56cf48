// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// What comes to a srvid that a question named, typed.
///
/// The records that DB_PULL asks for come to a srvid that tells what they are: `MessagePayload` has
/// them.
///
/// - Shape: the data of a `RequestMessage`; each case says which.
/// - Errors: `.truncated`; those of `RecordData`.
/// - Source: `srvid_request_reply` and `mem_dump_handler`, ctdb/server/ctdb_recoverd.c;
///   `traverse_start_callback`, ctdb/server/ctdb_traverse.c, Samba 4.17.
public enum MessageAnswer: Equatable, Sendable {
    /// To SRVID_TAKEOVER_RUN, SRVID_DISABLE_TAKEOVER_RUNS and SRVID_DISABLE_RECOVERIES: 32 bits,
    /// the pnn of who answers, or a negative number.
    case status(Int32)
    /// To SRVID_MEM_DUMP: text without a NUL of its own.
    case memoryDump(ArraySlice<UInt8>)
    /// To TRAVERSE_START and TRAVERSE_START_EXT: `RecordData`; the one without a key is the last.
    case traversed(RecordData)

    /// What is asked, as far as the answer comes to a srvid.
    public enum Question: Hashable, Sendable {
        /// A message to a recovery daemon that names a srvid.
        case message(SrvID)
        /// A traversal.
        case traversal
    }

    /// Reads an answer.
    ///
    /// - Parameters:
    ///   - data: the data of the message.
    ///   - question: what was asked.
    ///   - layout: the layout of the machine that wrote it.
    /// - Returns: the answer, nil when ctdbd answers no such question.
    /// - Throws: `WireError` when the data is no answer to the question.
    public static func decode(
        _ data: ArraySlice<UInt8>, to question: Question, layout: LegacyLayout
    ) throws(WireError) -> Self? {
        switch question {
        case .message(.takeoverRun), .message(.disableTakeoverRuns), .message(.disableRecoveries):
            var reader = layout.reader(over: data)
            return .status(try reader.readInt32("result", of: "MessageAnswer"))
        case .message(.memoryDump): return .memoryDump(data)
        case .message: return nil
        case .traversal: return .traversed(try .decode(data, layout: layout))
        }
    }

    /// The answer as the data of a message.
    ///
    /// - Parameter layout: the layout of the machine that will read it.
    /// - Returns: the data.
    /// - Throws: `.limitExceeded` when a record is too large for its count.
    public func encode(layout: LegacyLayout) throws(WireError) -> [UInt8] {
        switch self {
        case .status(let status):
            var writer = layout.writer(capacity: 4)
            writer.write(status)
            return writer.finish()
        case .memoryDump(let text): return Array(text)
        case .traversed(let record): return try record.encoded(layout: layout)
        }
    }
}
