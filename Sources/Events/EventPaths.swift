// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import Sockets

/// Where the files of CTDB are on this machine.
///
/// - Source: ctdb/common/path.c, Samba 4.17: with `CTDB_TEST_MODE` set, below `CTDB_BASE`.
public struct EventPaths: Equatable, Sendable {
    /// The folder of the configuration, with the folder of events in it.
    public var configuration: String
    /// The folder of sockets and pid files.
    public var run: String
    /// What this machine is called in the log.
    public var hostName: String

    /// Names the folders.
    public init(configuration: String, run: String, hostName: String) {
        self.configuration = configuration
        self.run = run
        self.hostName = hostName
    }

    /// The folders by the environment; nil in test mode without `CTDB_BASE`.
    public static func byEnvironment() -> EventPaths? {
        guard ProcessEnvironment.variable("CTDB_TEST_MODE") != nil else {
            return EventPaths(
                configuration: "/etc/ctdb", run: "/run/ctdb",
                hostName: ProcessEnvironment.hostName)
        }
        guard let base = ProcessEnvironment.variable("CTDB_BASE") else { return nil }
        let last = base.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return EventPaths(
            configuration: base, run: base + "/run",
            hostName: last.isEmpty ? "unknown" : String(last))
    }

    /// The configuration that all of CTDB shares.
    public var shared: String { configuration + "/ctdb.conf" }
    /// The configuration of the daemons beside ctdbd, in a folder.
    public var own: String { configuration + "/ctdb.conf.d" }
    /// Where clients connect to.
    public var socket: String { run + "/eventd.socket" }
    /// The file that says as which process the daemon runs.
    public var pidFile: String { run + "/eventd.pid" }

    /// The components that there are: the folders in the folder of events.
    func components() -> [EventText] {
        let folder = configuration + "/events"
        let names = (try? Folder.names(in: folder)) ?? []
        return names.filter { Folder.isFolder(folder + "/" + $0) }.map { EventText(Array($0.utf8)) }
    }

    /// The folder of a component.
    func component(_ name: [UInt8]) -> ScriptFolder {
        ScriptFolder(path: Array((configuration + "/events/").utf8) + name)
    }
}
