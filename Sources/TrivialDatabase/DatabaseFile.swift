// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Clibtdb

/// A TDB file that is open.
///
/// libtdb opens a file once in a process and refuses a second time; and when anything in the
/// process closes another descriptor of the file, the kernel drops this one's locks. Calls block
/// while another process holds a lock. A handle belongs to one thread at a time.
///
/// - Errors: a damaged or truncated file gives an error in every call, never a trap. A file that
///   somebody truncates while it is open and mapped does trap, as in every program that uses the
///   library; `.withoutMap` is for files that somebody might.
/// - Source: tdb.h of libtdb 1.4; the flags that ctdbd uses: `ctdb_db_tdb_flags`,
///   ctdb/common/ctdb_ltdb.c, Samba 4.17.
@safe public final class DatabaseFile {
    /// How the library treats the file.
    public struct Options: OptionSet, Hashable, Sendable {
        /// The library's bits.
        public let rawValue: Int32
        /// Makes options from bits; unknown bits are kept.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// The first process that opens the file empties it.
        public static let clearIfFirst = Options(rawValue: TDB_CLEAR_IF_FIRST)
        /// Nothing is locked.
        public static let withoutLocks = Options(rawValue: TDB_NOLOCK)
        /// The file is not mapped into memory.
        public static let withoutMap = Options(rawValue: TDB_NOMMAP)
        /// Nothing waits for the disk.
        public static let withoutSync = Options(rawValue: TDB_NOSYNC)
        /// Each change is counted.
        public static let sequenceNumber = Options(rawValue: TDB_SEQNUM)
        /// A transaction in a transaction is an error.
        public static let withoutNesting = Options(rawValue: TDB_DISALLOW_NESTING)
        /// A new file gets the better hash, which ctdbd's volatile databases have.
        public static let incompatibleHash = Options(rawValue: TDB_INCOMPATIBLE_HASH)
        /// Locks are robust mutexes in the file.
        public static let mutexes = Options(rawValue: TDB_MUTEX_LOCKING)
        /// Everything is in memory; the path is only a name.
        public static let inMemory = Options(rawValue: TDB_INTERNAL)

        /// How ctdbd opens a persistent database.
        public static let persistent: Options = [.withoutNesting]
        /// How ctdbd opens a replicated database.
        public static let replicated: Options = [
            .withoutNesting, .withoutSync, .clearIfFirst, .incompatibleHash,
        ]
        /// How ctdbd opens a volatile database, where the C library has robust mutexes.
        public static let volatile: Options = [.replicated, .mutexes]
    }

    /// What the file is opened for.
    public enum Access: Equatable, Sendable {
        /// To read; what a crash left half done makes it fail, since it would have to be repaired.
        case reading
        /// To read and write; what a crash left half done is repaired.
        case writing
        /// To read and write, and it is made when it is missing.
        case creating(permissions: UInt32 = 0o600, hashSize: Int32 = 0)
    }

    /// What happens to a record that is there, or is not.
    public enum StoreMode: Sendable {
        /// Both are fine.
        case replace
        /// One that is there is an error.
        case insert
        /// One that is missing is an error.
        case modify

        var flag: Int32 {
            switch self {
            case .replace: TDB_REPLACE
            case .insert: TDB_INSERT
            case .modify: TDB_MODIFY
            }
        }
    }

    /// Where the file is.
    public let path: String
    /// Null when it is closed.
    private var handle: OpaquePointer?
    private let log: UnsafeMutablePointer<clibtdb_log>

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: which file.
    ///   - access: what for.
    ///   - options: how the library treats it; all processes that have it open must agree about
    ///     locks.
    /// - Throws: `.notOpened`, with `EBUSY` when this process has it open already.
    public init(
        path: String, access: Access, options: Options = []
    ) throws(DatabaseFileError) {
        self.path = path
        unsafe log = .allocate(capacity: 1)
        unsafe log.initialize(to: clibtdb_log())
        var error: Int32 = 0
        let (kind, permissions, hashSize): (clibtdb_access, UInt32, Int32) =
            switch access {
            case .reading: (CLIBTDB_READ_ONLY, 0, 0)
            case .writing: (CLIBTDB_READ_WRITE, 0, 0)
            case .creating(let permissions, let hashSize):
                (CLIBTDB_CREATE, permissions, hashSize)
            }
        unsafe handle = clibtdb_open(
            path, hashSize, options.rawValue, kind, permissions, log, &error)
        guard unsafe handle != nil else {
            throw failure("open", .notOpened(errno: error))
        }
    }

    deinit {
        close()
        unsafe log.deallocate()
    }

    /// Closes the file; a transaction under way is given up, and every lock is free.
    public func close() {
        guard let open = unsafe handle else { return }
        unsafe handle = nil
        unsafe clibtdb_close(open)
    }

    // MARK: Records

    /// Reads a record.
    ///
    /// - Returns: its data; nil when there is none.
    public func fetch(_ key: [UInt8]) throws(DatabaseFileError) -> [UInt8]? {
        let handle = unsafe try self.open("fetch")
        var count = 0
        guard let data = unsafe clibtdb_fetch(handle, key, key.count, &count) else {
            let code = unsafe tdb_error(handle)
            if code == TDB_ERR_NOEXIST { return nil }
            throw unsafe failure("fetch", handle)
        }
        defer { unsafe clibtdb_free(data) }
        return unsafe Array(UnsafeBufferPointer(start: data, count: count))
    }

    /// Whether there is a record.
    public func contains(_ key: [UInt8]) throws(DatabaseFileError) -> Bool {
        let handle = unsafe try self.open("exists")
        if unsafe clibtdb_exists(handle, key, key.count) != 0 { return true }
        let code = unsafe tdb_error(handle)
        if code == TDB_ERR_NOEXIST || code == TDB_SUCCESS { return false }
        throw unsafe failure("exists", handle)
    }

    /// Writes a record.
    ///
    /// - Parameters:
    ///   - key: its key.
    ///   - data: its data, or the first part.
    ///   - rest: the part behind, which saves the caller a copy.
    ///   - mode: what happens to a record that is there, or is not.
    /// - Throws: `.exists`, `.noSuchRecord`, `.readOnly`, and what the file gives.
    public func store(
        _ key: [UInt8], _ data: [UInt8], _ rest: [UInt8] = [], mode: StoreMode = .replace
    ) throws(DatabaseFileError) {
        let handle = unsafe try self.open("store")
        let answer = unsafe clibtdb_store(
            handle, key, key.count, data, data.count, rest, rest.count, mode.flag)
        guard answer == 0 else { throw unsafe failure("store", handle) }
    }

    /// Deletes a record.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    public func delete(_ key: [UInt8]) throws(DatabaseFileError) -> Bool {
        let handle = unsafe try self.open("delete")
        if unsafe clibtdb_delete(handle, key, key.count) == 0 { return true }
        if unsafe tdb_error(handle) == TDB_ERR_NOEXIST { return false }
        throw unsafe failure("delete", handle)
    }

    // MARK: Locks and transactions

    /// Locks the chain of a key for writing, and waits for it.
    public func lockChain(of key: [UInt8]) throws(DatabaseFileError) {
        let handle = unsafe try self.open("chainlock")
        let answer = unsafe clibtdb_chainlock(handle, key, key.count)
        guard answer == 0 else { throw unsafe failure("chainlock", handle) }
    }

    /// Locks the chain of a key unless another process has it.
    ///
    /// - Returns: whether it is locked now.
    public func tryLockChain(of key: [UInt8]) throws(DatabaseFileError) -> Bool {
        let handle = unsafe try self.open("chainlock")
        if unsafe clibtdb_chainlock_nonblock(handle, key, key.count) == 0 { return true }
        if unsafe tdb_error(handle) == TDB_ERR_LOCK { return false }
        throw unsafe failure("chainlock", handle)
    }

    /// Gives the lock back.
    ///
    /// - Throws: `.noLock` when it is not held, and whenever the library fails at it.
    public func unlockChain(of key: [UInt8]) throws(DatabaseFileError) {
        let handle = unsafe try self.open("chainunlock")
        let answer = unsafe clibtdb_chainunlock(handle, key, key.count)
        // The library leaves the code of the call before.
        guard answer == 0 else { throw failure("chainunlock", .noLock) }
    }

    /// Begins a transaction, and waits for the one of another process.
    public func beginTransaction() throws(DatabaseFileError) {
        let handle = unsafe try self.open("transaction start")
        let answer = unsafe tdb_transaction_start(handle)
        guard answer == 0 else { throw unsafe failure("transaction start", handle) }
    }

    /// Does all of a commit that can fail; a crash from here to the end of the commit undoes it.
    public func prepareCommit() throws(DatabaseFileError) {
        let handle = unsafe try self.open("transaction prepare")
        let answer = unsafe tdb_transaction_prepare_commit(handle)
        guard answer == 0 else { throw unsafe failure("transaction prepare", handle) }
    }

    /// Makes everything since `beginTransaction` happen.
    public func commitTransaction() throws(DatabaseFileError) {
        let handle = unsafe try self.open("transaction commit")
        let answer = unsafe tdb_transaction_commit(handle)
        guard answer == 0 else { throw unsafe failure("transaction commit", handle) }
    }

    /// Makes everything since `beginTransaction` not have happened.
    public func cancelTransaction() throws(DatabaseFileError) {
        let handle = unsafe try self.open("transaction cancel")
        let answer = unsafe tdb_transaction_cancel(handle)
        guard answer == 0 else { throw unsafe failure("transaction cancel", handle) }
    }

    // MARK: Properties

    /// Looks at every byte that has a meaning.
    ///
    /// - Throws: `.corrupt`, with what is wrong.
    public func check() throws(DatabaseFileError) {
        let handle = unsafe try self.open("check")
        let answer = unsafe clibtdb_check(handle)
        guard answer == 0 else { throw unsafe failure("check", handle) }
    }

    /// The number of chains.
    public var hashSize: Int {
        get throws(DatabaseFileError) {
            let handle = unsafe try self.open("hash size")
            return unsafe Int(tdb_hash_size(handle))
        }
    }

    /// How the library treats the file, which the file itself has a say in.
    public var options: Options {
        get throws(DatabaseFileError) {
            let handle = unsafe try self.open("flags")
            return unsafe Options(rawValue: tdb_get_flags(handle))
        }
    }

    /// Whether locks in files can be robust mutexes here.
    public static var hasMutexes: Bool { tdb_runtime_check_for_robust_mutexes() }

    /// The hash by which ctdbd finds the location master of a record and the id of a name.
    public static func hash(_ bytes: [UInt8]) -> UInt32 {
        unsafe clibtdb_jenkins(bytes, bytes.count)
    }
}

extension DatabaseFile {
    /// What a traversal does next.
    public enum Step: Equatable, Sendable {
        /// It goes on.
        case next
        /// It ends.
        case stop
    }

    /// What the library's callback is given.
    private struct Visitor {
        var visit: ([UInt8], [UInt8]) -> Step
    }

    /// Visits every record, in no order.
    ///
    /// The chain of the record is locked meanwhile.
    ///
    /// - Parameters:
    ///   - isReading: whether the chains are locked for reading, with which other readers go on.
    ///   - visit: takes key and data.
    /// - Returns: the number of records visited.
    /// - Throws: what the file gives, after some records were visited.
    @discardableResult
    public func traverse(
        isReading: Bool = true, _ visit: ([UInt8], [UInt8]) -> Step
    ) throws(DatabaseFileError) -> Int {
        let handle = unsafe try self.open("traverse")
        let count = withoutActuallyEscaping(visit) { visit in
            var visitor = Visitor(visit: visit)
            return unsafe withUnsafeMutablePointer(to: &visitor) { context in
                unsafe clibtdb_traverse(
                    handle, isReading,
                    { key, keyCount, data, dataCount, context in
                        guard let visitor = unsafe context?.assumingMemoryBound(to: Visitor.self)
                        else { return 1 }
                        let key = unsafe Array(UnsafeBufferPointer(start: key, count: keyCount))
                        let data = unsafe Array(
                            UnsafeBufferPointer(start: data, count: dataCount))
                        return unsafe visitor.pointee.visit(key, data) == .next ? 0 : 1
                    }, context)
            }
        }
        guard count >= 0 else { throw unsafe failure("traverse", handle) }
        return Int(count)
    }

    private func open(_ operation: String) throws(DatabaseFileError) -> OpaquePointer {
        guard let handle = unsafe handle else { throw failure(operation, .closed) }
        unsafe clibtdb_clear(log)
        return unsafe handle
    }

    private func failure(_ operation: String, _ handle: OpaquePointer) -> DatabaseFileError {
        failure(operation, unsafe Self.code(tdb_error(handle)))
    }

    private func failure(
        _ operation: String, _ code: DatabaseFileError.Code
    ) -> DatabaseFileError {
        var detail = unsafe withUnsafeBytes(of: log.pointee.text) { text in
            unsafe String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
        }
        if detail.hasSuffix("\n") { detail.removeLast() }
        return DatabaseFileError(
            operation: operation, path: path, code: code, detail: detail)
    }

    private static func code(_ code: TDB_ERROR) -> DatabaseFileError.Code {
        switch code {
        case TDB_ERR_CORRUPT: .corrupt
        case TDB_ERR_IO: .inputOutput
        case TDB_ERR_LOCK: .lock
        case TDB_ERR_OOM: .outOfMemory
        case TDB_ERR_EXISTS: .exists
        case TDB_ERR_NOLOCK: .noLock
        case TDB_ERR_LOCK_TIMEOUT: .lockTimeout
        case TDB_ERR_NOEXIST: .noSuchRecord
        case TDB_ERR_EINVAL: .invalidArgument
        case TDB_ERR_RDONLY: .readOnly
        case TDB_ERR_NESTING: .nesting
        default: .unknown(Int32(bitPattern: code.rawValue))
        }
    }
}
