// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire
import Presentation
import Vocabulary
import XDR

/// `ctdb proxy`: the proxy of this node, which carries the new protocol.
enum ProxyVerbs {
    static let noun = Noun(
        "proxy", "The proxy of this node, which carries the new protocol.",
        [status, peers, counters])

    static let directory = Option(
        "run-directory", value: Parameter("directory", .file, "a path"),
        "The directory of the proxy's sockets; \(ProxyQuestion.usualDirectory) if not given.")

    private static func ask<Reply: XDRCodable>(
        _ procedure: UInt32, _ type: Reply.Type, _ context: Context, _ invocation: Invocation
    ) throws(Problem) -> Reply {
        let payload = try ProxyQuestion.ask(
            procedure, directory: directory(invocation), within: context.rest)
        do throws(WireError) {
            return try Reply.decode(payload)
        } catch {
            throw Problem(.failed, "ask the proxy", "the answer cannot be read: \(error)")
        }
    }

    /// The directory of the daemons' sockets.
    static func directory(_ invocation: Invocation) -> String {
        invocation.text(ifGiven: "run-directory") ?? ProxyQuestion.usualDirectory
    }

    static let status = Verb.read(
        "status", "Show whether the proxy runs, and with whom it can talk.",
        options: [directory], scope: .none,
        schema: Schema(
            "proxy.status",
            facts: [
                NodeVerbs.nodeColumn, Column("generation", .number, "the instance of the cluster"),
                Column("recovery_mode", .text, "`normal` or `recovery`"),
                Column("up", .number, "other nodes that packets flow to"),
                Column("others", .number, "other nodes"),
            ])
    ) { context, invocation throws(Problem) in
        let reply = try ask(PeerProtocol.proxyPeers, PeersReply.self, context, invocation)
        let others = reply.peers.filter { $0.state != .peerSelf }
        return Report(
            invocation.verb.schema,
            facts: [
                .number(Int64(reply.ownNode.rawValue)), .number(Int64(reply.generation)),
                .text(Describe.word(RecoveryMode(rawValue: reply.recoveryMode))),
                .number(Int64(others.count { $0.state == .up })),
                .number(Int64(others.count)),
            ])
    }

    static let peers = Verb.read(
        "peers", "Show how the proxy stands with each node.",
        options: [directory], scope: .none,
        schema: Schema(
            "proxy.peers", rows: "peers",
            [
                NodeVerbs.nodeColumn,
                Column("state", .text, "`up`, `self`, or why no packets flow"),
                Column("version", .text, "of the protocol that both speak"),
                Column("packets", .number, "packets whose outcome is not known"),
                Column("bytes", .number, "bytes that wait to be sent"),
                Column("software", .text, "the other proxy's program"),
            ])
    ) { context, invocation throws(Problem) in
        let reply = try ask(PeerProtocol.proxyPeers, PeersReply.self, context, invocation)
        let rows = reply.peers.map { peer in
            let version = peer.protocolVersion
            return Row(
                [
                    .number(Int64(peer.node.rawValue)), .text(word(peer.state)),
                    version == 0 ? .none : .text("\(version >> 16).\(version & 0xFFFF)"),
                    .unsigned(peer.unfinishedPackets), .unsigned(peer.queuedBytes),
                    peer.software.isEmpty ? .none : .text(peer.software),
                ],
                tone: peer.state == .up || peer.state == .peerSelf ? .good : .warning)
        }
        return Report(invocation.verb.schema, rows: rows)
    }

    static let counters = Verb.read(
        "counters", "Show what the proxy counts.", options: [directory], scope: .none,
        schema: Schema(
            "proxy.counters", rows: "counters",
            [
                Column("name", .text, "what is counted"),
                Column("value", .number, "how often it happened since the proxy started"),
            ])
    ) { context, invocation throws(Problem) in
        let reply = try ask(PeerProtocol.proxyCounters, CountersReply.self, context, invocation)
        return Report(
            invocation.verb.schema,
            rows: reply.counters.map { Row([.text($0.name), .unsigned($0.value)]) })
    }

    private static func word(_ state: PeerState) -> String {
        switch state {
        case .disconnected: "disconnected"
        case .connectedWithoutProxy: "no_proxy"
        case .greeting: "greeting"
        case .up: "up"
        case .tooOld: "too_old"
        case .peerSelf: "self"
        case .unknown(let number): "unknown_\(number)"
        }
    }
}
