// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import PeerWire

/// What is to be recorded, where, and for how long.
public struct RecordingPlan: Equatable, Sendable {
    /// What the nodes say to each other, as it comes over interfaces.
    public struct Wire: Equatable, Sendable {
        /// The only interface; nil is all of them.
        public var interface: String?
        /// The port of ctdbd.
        public var port: UInt16
        /// How much may wait for this process, in MiB.
        public var bufferMebibytes: UInt32
        /// Whether packets that only acknowledge others are left out.
        public var isDataOnly: Bool

        /// Makes a choice.
        public init(
            interface: String? = nil, port: UInt16 = 4379, bufferMebibytes: UInt32 = 64,
            isDataOnly: Bool = false
        ) {
            self.isDataOnly = isDataOnly
            self.interface = interface
            self.port = port
            self.bufferMebibytes = bufferMebibytes
        }
    }

    /// What the processes of the new protocol on this node send and receive.
    public struct Processes: Equatable, Sendable {
        /// Which of them; nil is everyone who has a socket in the run directory.
        public var services: [Service]?
        /// How much may wait in each of them, in MiB.
        public var bufferMebibytes: UInt32

        /// Makes a choice.
        public init(services: [Service]? = nil, bufferMebibytes: UInt32 = 16) {
            self.services = services
            self.bufferMebibytes = bufferMebibytes
        }
    }

    /// The name of the recording when nobody gives it one.
    public static let usualName = "capture"

    /// Tells recordings that go on at the same time apart.
    public var name: String
    /// The file; with a limit for files, what their names are made of.
    public var path: String
    /// The run directory of this node's daemons, where the state is kept.
    public var runDirectory: String
    /// What comes over interfaces.
    public var wire: Wire?
    /// The socket of ctdbd in front of which a relay stands.
    public var relaySocket: String?
    /// What the processes of the new protocol say.
    public var processes: Processes?
    /// When it ends, and when the next file begins.
    public var limits: RecordingLimits

    /// Makes a plan that has nothing to record yet.
    public init(
        name: String = usualName, path: String, runDirectory: String,
        limits: RecordingLimits = RecordingLimits()
    ) {
        self.name = name
        self.path = path
        self.runDirectory = runDirectory
        self.limits = limits
    }

    /// Whether a name is one that a file name can have in it.
    public static func isName(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
            }
    }
}

/// When a recording ends, and when it goes on in another file.
public struct RecordingLimits: Equatable, Sendable {
    /// What is to be done.
    public enum Step: Equatable, Sendable {
        /// Go on.
        case goOn
        /// Begin the next file.
        case nextFile
        /// End, and why.
        case end(reason: String)
    }

    /// The seconds that it goes on.
    public var seconds: UInt64?
    /// The packets that are recorded.
    public var packets: UInt64?
    /// The bytes of all files together.
    public var byteCount: UInt64?
    /// The bytes of a file; the next file begins behind it.
    public var fileByteCount: UInt64?
    /// The seconds of a file.
    public var fileSeconds: UInt64?
    /// So many of the last files are kept; nil is all of them.
    public var keptFileCount: Int?

    /// Makes limits; there are none unless they are given.
    public init() {}

    /// Whether there may be more than one file.
    public var hasSeveralFiles: Bool { fileByteCount != nil || fileSeconds != nil }

    /// What is to be done.
    ///
    /// - Parameters:
    ///   - elapsedSeconds: since the recording began.
    ///   - fileElapsedSeconds: since the file began.
    ///   - packets: what was recorded so far.
    ///   - byteCount: the bytes of all files so far, removed ones too.
    ///   - fileByteCount: the bytes of this file.
    /// - Returns: the step.
    public func step(
        elapsedSeconds: UInt64, fileElapsedSeconds: UInt64, packets: UInt64, byteCount: UInt64,
        fileByteCount: UInt64
    ) -> Step {
        if let limit = seconds, elapsedSeconds >= limit {
            return .end(reason: "\(limit) seconds have passed")
        }
        if let limit = self.packets, packets >= limit {
            return .end(reason: "\(limit) packets were recorded")
        }
        if let limit = self.byteCount, byteCount >= limit {
            return .end(reason: "\(limit) bytes were written")
        }
        if let limit = self.fileByteCount, fileByteCount >= limit { return .nextFile }
        if let limit = fileSeconds, fileElapsedSeconds >= limit { return .nextFile }
        return .goOn
    }

    /// The name of a file.
    ///
    /// - Parameters:
    ///   - path: the name that was given.
    ///   - number: which file it is, from 1 on.
    /// - Returns: the name as it was given, or with the number in front of its ending.
    public func filePath(_ path: String, number: Int) -> String {
        guard hasSeveralFiles else { return path }
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 5 - digits.utf8.count)) + digits
        let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        guard let dot = path[start...].lastIndex(of: "."), dot > start else {
            return "\(path)-\(padded)"
        }
        return "\(path[..<dot])-\(padded)\(path[dot...])"
    }
}
