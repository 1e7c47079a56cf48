// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

extension Borrowing {
    /// The event daemon that ctdbd has started.
    public struct Lender: Hashable, Sendable {
        /// Its process.
        public var pid: Int32
        /// The process of ctdbd.
        public var ctdbd: Int32

        /// Names a lender.
        public init(pid: Int32, ctdbd: Int32) {
            self.pid = pid
            self.ctdbd = ctdbd
        }
    }

    /// Who serves the socket of the legacy event daemon.
    public enum Finding: Hashable, Sendable {
        /// Nobody.
        case nobody
        /// The legacy event daemon; these scripts of it run.
        case legacy(Lender, scripts: [Int32])
        /// Our own event daemon, started by ctdbd.
        case own(pid: Int32)
        /// Somebody, of whom nothing more can be found out.
        case unknown(String)
    }

    /// What was found out about a process that has just been frozen.
    public struct Observation: Hashable, Sendable {
        /// Whether it was waiting for something to happen, and nothing had happened.
        public var wasIdle: Bool
        /// The scripts that it runs.
        public var scripts: [Int32]
        /// Whether a reply of it waits to be written.
        public var waitsToWrite: Bool
        /// A number that grows with every script that ends.
        public var endedScripts: UInt64?
        /// The signals that wait for it.
        public var signals: Set<Int32>

        /// Makes an observation.
        public init(
            wasIdle: Bool, scripts: [Int32], waitsToWrite: Bool, endedScripts: UInt64?,
            signals: Set<Int32>
        ) {
            self.wasIdle = wasIdle
            self.scripts = scripts
            self.waitsToWrite = waitsToWrite
            self.endedScripts = endedScripts
            self.signals = signals
        }
    }

    /// Why the legacy event daemon is not kept from its work.
    public enum Obstacle: Hashable, Sendable, CustomStringConvertible {
        /// Nobody serves its socket.
        case nobody
        /// It runs scripts.
        case runs([Int32])
        /// It was at work when it was frozen.
        case atWork
        /// A reply of it waits for a client to read.
        case writes
        /// A signal waits for it.
        case signalled(Int32)
        /// It does not answer, or cannot be frozen for now.
        case failed(String)
        /// This process may not do it; somebody has to change that.
        case refused(String)

        /// What is in the way, for people.
        public var description: String {
            switch self {
            case .nobody: "no event daemon of ctdbd runs"
            case .runs(let scripts):
                "the legacy event daemon runs a script: process "
                    + scripts.map(String.init).joined(separator: ", ")
            case .atWork: "the legacy event daemon is at work"
            case .writes: "a client does not read the legacy event daemon's reply"
            case .signalled(let number): "signal \(number) waits for the legacy event daemon"
            case .failed(let reason), .refused(let reason): reason
            }
        }
    }

    /// Who answers ctdbd.
    public enum Status: Hashable, Sendable {
        /// The legacy event daemon, because that is wanted.
        case legacy
        /// The legacy event daemon, though it should not.
        case waiting(Obstacle)
        /// This process, with the sockets of the legacy event daemon.
        case borrowed(Lender)
        /// This process, until what runs has finished.
        case returning(Lender)
        /// Our own event daemon, which ctdbd has started itself.
        case own(pid: Int32)
    }

    /// What happens.
    public enum Event: Hashable, Sendable {
        /// Whether the sockets are to be borrowed.
        case wanted(Bool)
        /// The answer to `.find`.
        case found(Finding)
        /// The answer to `.ask`: its memory was taken over, when so many scripts had ended.
        case remembered(endedScripts: UInt64?)
        /// The answer to `.ask`: it cannot be had.
        case forgotten(String)
        /// The answer to `.freeze`: it is frozen.
        case frozen(Observation)
        /// The answer to `.freeze`: it is not, and it was let go.
        case unfrozen(Obstacle)
        /// The answer to `.serve`: its sockets are served now.
        case serving
        /// The answer to `.serve`: they cannot be served.
        case unserved(Obstacle)
        /// The answer to `.finish`: nothing is under way, and nothing will be begun.
        case finished
        /// The frozen process has ended.
        case lenderEnded
        /// ctdbd has ended, or its connection has.
        case ctdbdEnded
        /// These signals wait for the frozen process.
        case signals(Set<Int32>)
        /// What was asked for cannot be done here.
        case unable(String)
        /// The moment has come that `.wake` asked for.
        case wake
    }

    /// What is to be done.
    public enum Effect: Hashable, Sendable {
        /// Looks who serves the socket; answered with `.found`.
        case find
        /// Asks the legacy daemon how its events went; answered with `.remembered`.
        case ask(Lender)
        /// Freezes it and looks what it was doing; answered with `.frozen`.
        case freeze(Lender)
        /// Copies its sockets and serves them; answered with `.serving`.
        case serve(Lender)
        /// Begins nothing once nothing is under way any more; answered with `.finished`.
        case finish
        /// Serves for as long as it takes after all: takes back `.finish`.
        case goOn
        /// Ends the scripts at once, and answers nobody.
        case abandon
        /// Closes the copies of the sockets, and lets the legacy daemon go on.
        case letGo
        /// Opens the log again, as the frozen daemon was asked to.
        case reopenLog
        /// Reads the configuration again, as the frozen daemon was asked to.
        case reload
        /// Comes back with `.wake` at this time; an earlier wish is forgotten.
        case wake(at: Instant)
        /// Who answers ctdbd has changed.
        case changed(Status)
    }
}
