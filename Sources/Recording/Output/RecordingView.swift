// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

/// A recording as others see it.
public struct RecordingView: Equatable, Sendable {
    private static let sizeLimit = 1 << 20
    private static let prefix = "capture-"
    private static let suffix = ".json"

    /// The run directory that it was found in.
    public let directory: String
    /// What its recorder has written down last.
    public let state: RecordingState
    /// Whether its recorder records.
    public let isAlive: Bool
    /// Whether clients are still connected through its relay after its end.
    public let isRelaying: Bool

    /// Looks at a recording; nil when there is none of that name.
    public static func read(_ name: String, in directory: String) -> RecordingView? {
        // A lock says who lives; what was written down says the rest.
        let isAlive = InstanceLock.isHeld(path: Recorder.lockPath(name, in: directory))
        guard
            let bytes = try? SmallFile.read(
                Recorder.statePath(name, in: directory), limit: sizeLimit),
            let state = RecordingState(json: bytes)
        else { return nil }
        let isRelaying =
            !isAlive && state.relayedClients > 0
            && ProcessEnvironment.programName(of: state.pid) == "ctdb"
        return RecordingView(
            directory: directory, state: state, isAlive: isAlive, isRelaying: isRelaying)
    }

    /// The recordings of a node, by name.
    public static func all(in directory: String) -> [RecordingView] {
        let names = (try? Folder.names(in: directory)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
            return read(
                String(name.dropFirst(prefix.count).dropLast(suffix.count)), in: directory)
        }
    }

    /// In a word.
    public var word: String {
        if isAlive { return "recording" }
        if isRelaying { return "relaying" }
        return state.end == nil ? "killed" : "ended"
    }
}
