// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressShell
import DatabaseClient
import LegacyClient
import LegacyWire
import PeerWire
import Presentation
import Sockets
import Stages
import Vocabulary
import XDR

/// The connection to the local ctdbd that all commands of a run share.
public final class Conversation {
    /// Where ctdbd listens when nobody says anything.
    public static let usualSocket = "/run/ctdb/ctdbd.socket"
    /// The nodes may have changed after this time.
    private static let nodesAge = Duration.milliseconds(500)

    private let variable: (String) -> String?
    private var session: LegacySession?
    private var path: String?
    private var known: (nodes: NodeMap, until: Instant)?
    private var tunables: [String]?
    private var databases: DatabaseSession?
    private var releases: [PNN: String?] = [:]
    private var detour: AddressDetour?
    /// The command that is being run, for the history of addresses.
    var command: [String] = []
    /// Ends what goes on when it can be read from; nil when nothing does.
    var interruption: FileDescriptor? {
        didSet { session?.interruption = interruption }
    }

    private let releaseOfProcess: (Int32) -> String?

    /// Makes a conversation that is not begun yet.
    init(_ surroundings: Surroundings) {
        variable = surroundings.variable
        releaseOfProcess = surroundings.releaseOfProcess
    }

    /// The socket, by the settings, or by the environment as the legacy tool reads it.
    func socketPath(_ settings: Settings) throws(Problem) -> String {
        if let path = settings.socketPath ?? variable("CTDB_SOCKET") { return path }
        guard variable("CTDB_TEST_MODE") != nil else { return Self.usualSocket }
        guard let base = variable("CTDB_BASE") else {
            throw Problem(
                .usage, "find ctdbd's socket", "CTDB_TEST_MODE is set, and CTDB_BASE is not",
                advice: "set CTDB_BASE, or CTDB_SOCKET")
        }
        return base + "/run/ctdbd.socket"
    }

    /// The session, opened when it is first needed and when it was lost.
    func open(_ settings: Settings, until deadline: Instant) throws(Problem) -> LegacySession {
        let path = try socketPath(settings)
        if let session, session.connectionLoss == nil, path == self.path {
            session.detour = detour(settings)
            return session
        }
        known = nil
        tunables = nil
        databases = nil
        session = nil
        do throws(LegacyFailure) {
            let limit = Self.rest(until: deadline)
            let session = try LegacySession(socketPath: path, within: limit)
            session.interruption = interruption
            session.detour = detour(settings)
            self.session = session
            self.path = path
            return session
        } catch {
            throw Failures.problem(error, socket: path)
        }
    }

    /// The way to the address daemons of nodes that have one in place of ctdbd.
    private func detour(_ settings: Settings) -> AddressDetour {
        let directory = AddressDaemons.directory(settings, variable)
        if let detour, detour.directory == directory { return detour }
        let detour = AddressDetour(
            directory: directory,
            stages: { [variable] () throws(StageError) in
                try AddressStages.read(base: AddressDaemons.base(variable))
            },
            reason: { [unowned self] in AddressDaemons.reason(command, variable) })
        self.detour = detour
        return detour
    }

    /// The nodes that the cluster has, as the local node sees them.
    func nodes(_ settings: Settings, until deadline: Instant) throws(Problem) -> [NodeMap.Node] {
        let session = try open(settings, until: deadline)
        if let known, EventLoop.clock() < known.until { return known.nodes.nodes }
        do throws(LegacyFailure) {
            let map = try session.ask(.nodeMap, within: Self.rest(until: deadline))
            known = (map, EventLoop.clock().advanced(by: Self.nodesAge))
            return map.nodes
        } catch {
            throw Failures.problem(error)
        }
    }

    /// What works on databases in a session, which holds the files that it has opened.
    func databaseSession(_ session: LegacySession) -> DatabaseSession {
        if let databases, databases.session === session { return databases }
        let new = DatabaseSession(session: session, limit: .seconds(10))
        databases = new
        return new
    }

    /// The names of ctdbd's tunables, which stay the same while it runs.
    func tunableNames(
        _ ask: () throws(Problem) -> [String]
    ) throws(Problem) -> [String] {
        if let tunables { return tunables }
        let names = try ask()
        tunables = names
        return names
    }

    /// Which release a node's ctdbd is, as its program or the proxy there says; asked once.
    ///
    /// - Returns: nil when nobody can tell.
    func release(of node: PNN, within limit: Duration, directory: String) -> String? {
        if let known = releases[node] { return known }
        var release: String?
        if node == session?.pnn {
            release = session?.peerProcess.flatMap(releaseOfProcess)
        } else {
            let question = DaemonQuestions.Question(
                node: node, service: .proxy, procedure: PeerProtocol.proxyVersions)
            let answer = DaemonQuestions.ask([question], directory: directory, within: limit).first
            if case .success(let payload)? = answer {
                release = (try? VersionsReply.decode(payload))?.ctdbd
            }
        }
        if release?.isEmpty == true { release = nil }
        releases[node] = release
        return release
    }

    /// What is left of the time.
    static func rest(until deadline: Instant) -> Duration {
        .milliseconds(Int64(clamping: EventLoop.clock().milliseconds(until: deadline)))
    }
}
