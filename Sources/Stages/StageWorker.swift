// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire
import Sockets
import StageCore
import Vocabulary

/// The thread on which a daemon reads the stages, and records what it decides by itself.
///
/// A file of a database is opened once in a process, and calls of the library wait for locks: so
/// all of it is done here, one thing after the other.
public final class StageWorker {
    enum Job: Sendable {
        case read
        case record(StageChange)
    }

    /// What became of a job.
    public enum Answer: Sendable {
        /// What there was to read.
        case read(Result<StageFile.Snapshot, StageError>)
        /// What became of a change.
        case recorded(StageChange, Result<StageDatabase.Result, StageError>)
    }

    private let worker: Worker<Job, Answer>
    private var isReading = false
    private var isReadWanted = false

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - settings: where the stages are.
    ///   - loop: where the answers come in.
    ///   - answered: takes an answer.
    /// - Throws: why there is no thread.
    public init(
        _ settings: StageSettings, on loop: EventLoop, answered: @escaping (Answer) -> Void
    ) throws(SystemError) {
        let file = StageFile(folder: settings.databaseFolder)
        let database = StageDatabase(socketPath: settings.legacySocket)
        let relay = Relay()
        worker = try Worker(on: loop) { job in
            switch job {
            case .read:
                do throws(StageError) { return .read(.success(try file.read())) } catch {
                    return .read(.failure(error))
                }
            case .record(let change):
                do throws(StageError) {
                    return .recorded(change, .success(try database.record(change)))
                } catch {
                    return .recorded(change, .failure(error))
                }
            }
        } answered: { answer in
            relay.take?(answer)
        }
        relay.take = { [weak self] answer in
            self?.finished(answer)
            answered(answer)
        }
    }

    /// Lets the closure of the worker be made before the object that it calls.
    private final class Relay {
        var take: ((Answer) -> Void)?
    }

    /// Reads the stages; while a reading is under way, once more after it.
    public func read() {
        guard !isReading else {
            isReadWanted = true
            return
        }
        isReading = true
        worker.submit(.read)
    }

    /// Records a change.
    public func record(_ change: StageChange) { worker.submit(.record(change)) }

    /// Ends the thread after the job that it does.
    public func close() { worker.close() }

    private func finished(_ answer: Answer) {
        guard case .read = answer else { return read() }
        isReading = false
        if isReadWanted {
            isReadWanted = false
            read()
        }
    }
}
