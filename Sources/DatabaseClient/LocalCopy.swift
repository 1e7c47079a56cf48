// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import TrivialDatabase
import Vocabulary

/// This node's file of a persistent database, read without ctdbd.
///
/// It has what this node knew last; while ctdbd is down the cluster may have gone on.
public struct LocalCopy {
    /// Every record that has a value.
    public let values: [[UInt8]: [UInt8]]
    /// The number of changes that this node has seen.
    public let sequenceNumber: UInt64

    /// Reads a file.
    ///
    /// A change that a crash cut short in the middle is undone first, as ctdbd would do it.
    ///
    /// - Parameter path: the file, as GETDBPATH says it: in the folder of persistent databases, and
    ///   named like the database, a dot, and the node's number.
    /// - Throws: `.file`, with `.notOpened` when there is none; `.unreadable`.
    public init(path: String) throws(DatabaseFailure) {
        do throws(DatabaseFailure) {
            self = try Self(path: path, access: .reading)
        } catch {
            guard case .file(let problem) = error.cause, problem.mayBeRepaired else { throw error }
            self = try Self(path: path, access: .writing)
        }
    }

    /// Reads one value from a file.
    ///
    /// - Parameters:
    ///   - key: its key.
    ///   - path: the file, as for all values.
    /// - Returns: the value; nil when there is none.
    /// - Throws: what reading all values throws.
    public static func value(
        of key: [UInt8], in path: String
    ) throws(DatabaseFailure) -> [UInt8]? {
        do throws(DatabaseFailure) {
            return try value(of: key, in: path, access: .reading)
        } catch {
            guard case .file(let problem) = error.cause, problem.mayBeRepaired else { throw error }
            return try value(of: key, in: path, access: .writing)
        }
    }

    private static func value(
        of key: [UInt8], in path: String, access: DatabaseFile.Access
    ) throws(DatabaseFailure) -> [UInt8]? {
        let data: [UInt8]?
        do throws(DatabaseFileError) {
            let file = try DatabaseFile(path: path, access: access, options: options)
            data = try file.fetch(key)
        } catch {
            throw DatabaseFailure(.open, path, .file(error))
        }
        guard let data else { return nil }
        do throws(WireError) {
            let (_, value) = try RecordData(key: [], data: data[...]).split(layout: .native)
            return value.isEmpty ? nil : Array(value)
        } catch {
            throw DatabaseFailure(.readRecord, path, .unreadable(error))
        }
    }

    /// Not mapped: nothing that happens to the file meanwhile can end this process.
    private static let options: DatabaseFile.Options = [.withoutNesting, .withoutMap]

    private init(path: String, access: DatabaseFile.Access) throws(DatabaseFailure) {
        var all: [[UInt8]: [UInt8]] = [:]
        var unreadable: WireError?
        do throws(DatabaseFileError) {
            let file = try DatabaseFile(path: path, access: access, options: Self.options)
            try file.traverse { key, data in
                do throws(WireError) {
                    let (_, value) = try RecordData(key: [], data: data[...])
                        .split(layout: .native)
                    if !value.isEmpty { all[key] = Array(value) }
                    return .next
                } catch {
                    unreadable = error
                    return .stop
                }
            }
        } catch {
            throw DatabaseFailure(.open, path, .file(error))
        }
        if let unreadable { throw DatabaseFailure(.readRecord, path, .unreadable(unreadable)) }
        var number: UInt64 = 0
        if let value = all.removeValue(forKey: Transaction.sequenceNumberKey) {
            var reader = LegacyLayout.native.reader(over: value[...])
            do throws(WireError) {
                number = try reader.readUInt64("seqnum", of: "LocalCopy")
            } catch {
                throw DatabaseFailure(.sequenceNumber, path, .unreadable(error))
            }
        }
        values = all
        sequenceNumber = number
    }
}

extension DatabaseFileError {
    /// Whether opening to write may help: the file is there and was not opened to read.
    fileprivate var mayBeRepaired: Bool {
        guard case .notOpened(let errno) = code else { return code == .corrupt }
        // No such file, no permission, already open here: nothing that writing mends.
        return ![1, 2, 13, 16, 20, 21].contains(errno)
    }
}
