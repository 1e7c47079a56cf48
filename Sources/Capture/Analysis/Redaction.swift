// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Checksum
import LegacyWire
import PeerWire
import Vocabulary

/// Replaces what users stored: keys and values of records, and what programs send each other.
///
/// The same bytes are always replaced by the same bytes, and lengths stay, so that what is left
/// still shows who did what to which record. Headers of records, numbers, names of databases and
/// addresses of nodes stay; checksums of the new protocol are made right again.
public struct Redaction: Sendable {
    private let key: (UInt64, UInt64)

    /// Begins with a key; without it nobody can find out what was there, not even by trying.
    ///
    /// - Parameter key: 128 bits that nobody can guess; the same ones give the same replacements.
    public init(key: (UInt64, UInt64)) { self.key = key }

    /// The packet of a sighting, redacted; nil for what is no packet of either protocol.
    public func redacted(_ sighting: Sighting) -> [UInt8]? {
        switch sighting.content {
        case .legacy(let legacy): return redacted(legacy)
        case .peer(let frame):
            var result = Array(frame.bytes)
            redact(frame, in: &result, from: frame.bytes.startIndex)
            return result
        case .event, .gap, .unreadable, .foreign: return nil
        }
    }

    private func redacted(_ legacy: LegacySighting) -> [UInt8] {
        var result = Array(legacy.bytes)
        for part in legacy.contents { replace(part, in: &result, from: legacy.bytes.startIndex) }
        if case .frame(let frame) = legacy.payload {
            redact(frame, in: &result, from: legacy.bytes.startIndex)
        }
        return result
    }

    private func redact(_ frame: PeerFrame, in bytes: inout [UInt8], from start: Int) {
        for packet in frame.packets {
            switch packet.typedPayload {
            case .opaque(let part), .streamData(_, let part), .unreadable(let part, _):
                replace(part, in: &bytes, from: start)
            case .refusal, .streamOpen, .streamCredit, .streamEnd: continue
            }
            let place = packet.bytes.startIndex - start
            guard place >= 0, place + packet.bytes.count <= bytes.count else { continue }
            let sum = CRC32C.checksum(
                of: bytes[place..<(place + packet.bytes.count)], zeroingField: 4)
            for (index, shift) in [24, 16, 8, 0].enumerated() {
                bytes[place + 4 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(shift))
            }
        }
        replace(frame.rest, in: &bytes, from: start)
    }

    /// Replaces a part of a packet, where it stands.
    private func replace(_ part: ArraySlice<UInt8>, in bytes: inout [UInt8], from start: Int) {
        let place = part.startIndex - start
        guard !part.isEmpty, !Self.isCtdbds(part), place >= 0, place + part.count <= bytes.count
        else { return }
        let replacement = replacement(for: part)
        for (index, byte) in replacement.enumerated() { bytes[place + index] = byte }
    }

    /// The keys that ctdbd itself has records under.
    private static func isCtdbds(_ part: ArraySlice<UInt8>) -> Bool {
        part.starts(with: Array("__db_sequence_number__".utf8)) && part.count <= 23
    }

    /// As many bytes that stand for these.
    func replacement(for part: ArraySlice<UInt8>) -> [UInt8] {
        let seed = SipHash.hash(part, key: key)
        let other = SipHash.hash(part, key: (key.1, ~key.0))
        var result: [UInt8] = []
        result.reserveCapacity(part.count)
        var counter: UInt64 = 0
        while result.count < part.count {
            let word = SipHash.hash(Self.bytes(counter), key: (seed, other))
            result += Self.bytes(word).prefix(part.count - result.count)
            counter &+= 1
        }
        return result
    }

    private static func bytes(_ word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
    }
}

extension LegacySighting {
    /// The parts of the packet that users' data is in, as slices of it.
    var contents: [ArraySlice<UInt8>] {
        switch packet.body {
        case .requestCall(let call): return [call.key, call.data]
        case .replyCall(let reply):
            if case .fetched(_, let value) = payload { return [value] }
            return [reply.data]
        case .requestDmaster(let dmaster): return [dmaster.key, dmaster.data]
        case .replyDmaster(let dmaster): return [dmaster.key, dmaster.data]
        case .requestTunnel(let tunnel): return [tunnel.data]
        case .unknown(_, let bytes): return [bytes]
        case .requestControl, .replyControl, .requestMessage: break
        case .replyError, .requestKeepalive, .shortKeepalive: return []
        }
        switch payload {
        case .request(let request): return parts(of: request)
        case .reply(.records(let buffer), _): return parts(of: buffer)
        case .reply(.other(let data), _): return [data]
        case .reply(.databaseStatistics(let statistics), _): return statistics.hotKeys.map(\.key)
        case .message(.recovery(_, let buffer)), .message(.vacuumFetch(let buffer)):
            return parts(of: buffer)
        case .answer(.traversed(let record)): return parts(of: record)
        case .answer(.memoryDump(let text)): return [text]
        // A message of a client's own: a record of a traversal that began before the capture, or
        // whatever it likes.
        case .opaque(let bytes):
            if let record = try? RecordData.decode(bytes, layout: layout) {
                return parts(of: record)
            }
            return [bytes]
        case .unreadable(let bytes, _): return [bytes]
        case .none, .reply, .message, .answer, .fetched, .frame: return []
        }
    }

    private func parts(of request: ControlRequest) -> [ArraySlice<UInt8>] {
        switch request {
        case .updateRecord(let buffer), .trans3Commit(let buffer), .tryDeleteRecords(let buffer),
            .vacuumFetch(let buffer), .receiveRecords(let buffer), .pushDatabase(let buffer):
            parts(of: buffer)
        case .scheduleForDeletion(let deletion): [deletion.key]
        case .pushRecord(let record): [record.key, record.value]
        case .traverseData(let record): parts(of: record)
        case .other(_, _, let data): [data]
        default: []
        }
    }

    private func parts(of buffer: RecordBuffer) -> [ArraySlice<UInt8>] {
        buffer.records.flatMap(parts)
    }

    /// The key, and the data behind its header.
    private func parts(of record: RecordData) -> [ArraySlice<UInt8>] {
        [record.key, (try? record.split(layout: layout))?.value ?? record.data]
    }
}
