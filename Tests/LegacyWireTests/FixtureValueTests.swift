// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// What the fixtures say, by name.
@Suite struct FixtureValueTests {
    @Test func questions() throws {
        #expect(try Fixtures.request("ping-tool") == .ping)
        #expect(try Fixtures.request("get-node-map-tool") == .getNodeMap)
        #expect(
            try Fixtures.request("set-tunable-tool")
                == .setTunable(Tunable(value: 16, name: "MonitorInterval")))
        #expect(
            try Fixtures.request("get-tunable-tool") == .getTunable(name: "MonitorInterval"))
        #expect(
            try Fixtures.request("attach-persistent-database-tool")
                == .attachDatabase(name: "fixture-persistent.tdb", .persistent))
        #expect(
            try Fixtures.request("check-srvids")
                == .checkSrvIDs([
                    SrvID(rawValue: 0xAE00_0000_0000_1234), SrvID(rawValue: 1),
                ]))
        #expect(
            try Fixtures.request("register-tunnel") == .registerTunnel(0xFFFF_FFFF_0000_1234))
        // The tool listens for the leader before it does anything.
        #expect(try Fixtures.request("register-srvid-tool") == .registerSrvID(.leader))
    }

    @Test func answers() throws {
        #expect(try Fixtures.reply("get-pnn", to: .getPNN) == .pnn(PNN(rawValue: 1)))
        #expect(
            try Fixtures.reply("get-recovery-mode", to: .getRecoveryMode)
                == .recoveryMode(.normal))
        #expect(try Fixtures.reply("get-run-state", to: .getRunState) == .runState(.running))
        #expect(
            try Fixtures.reply("get-leader", to: .getLeader) == .failed(status: -1, reason: ""))
        #expect(
            try Fixtures.reply("get-capabilities", to: .getCapabilities)
                == .capabilities([.leader, .lmaster, .parallelRecovery, .fragmentedControls]))
        #expect(
            try Fixtures.reply("get-database-path", to: .getDatabasePath)
                == .databasePath("/var/lib/ctdb/volatile/fixture.tdb.1"))
        #expect(
            try Fixtures.reply("attach-database", to: .attachDatabase)
                == .databaseID(DatabaseID(rawValue: 0x8422_4211)))
        #expect(
            try Fixtures.reply("register-tunnel-received", to: .registerTunnel)
                == .done(status: 0))
    }

    @Test func maps() throws {
        guard case .nodeMap(let nodes)? = try Fixtures.reply("get-node-map", to: .getNodeMap),
            case .vnnMap(let map)? = try Fixtures.reply("get-vnn-map", to: .getVNNMap),
            case .databaseMap(let databases)? = try Fixtures.reply(
                "get-database-map", to: .getDatabaseMap),
            case .uptime(let uptime)? = try Fixtures.reply("uptime", to: .uptime)
        else {
            Issue.record("not the answers expected")
            return
        }
        #expect(nodes.nodes.map(\.pnn.rawValue) == [0, 1])
        #expect(nodes.nodes.allSatisfy { $0.flags == [] })
        for node in nodes.nodes {
            guard case .ipv4(_, let port) = node.address else {
                Issue.record("not IPv4: \(node.address)")
                continue
            }
            #expect(port == 4379)
        }
        #expect(Set(map.nodes) == [PNN(rawValue: 0), PNN(rawValue: 1)])
        #expect(databases.databases.map(\.flags).contains([.replicated]))
        #expect(databases.databases.map(\.flags).contains([.persistent]))
        #expect(uptime.now.seconds > uptime.daemonStarted.seconds)
        #expect(uptime.now.microseconds < 1_000_000)
    }

    @Test func packets() throws {
        let message = try Fixtures.packet("request-message-received")
        // What a client gets has lost the sender and the number.
        #expect(message.source == PNN(rawValue: 1) && message.reqid == Reqid(rawValue: 0))
        #expect(message.destination == PNN(rawValue: 0))
        #expect(
            message.body
                == .requestMessage(
                    RequestMessage(
                        srvid: SrvID(rawValue: 0xAE00_0000_0000_1234), data: slice("a message"))))

        guard case .requestMessage(let run) = try Fixtures.packet("request-message-tool").body,
            case .requestDmaster(let dmaster) = try Fixtures.packet("request-dmaster").body,
            case .replyError(let error) = try Fixtures.packet("reply-error").body,
            case .requestKeepalive(let life) = try Fixtures.packet("request-keepalive").body,
            case .requestTunnel(let tunnel) = try Fixtures.packet("request-tunnel-received").body
        else {
            Issue.record("not the packets expected")
            return
        }
        #expect(run.srvid == .takeoverRun)
        let replyTo = try SrvIDMessage.decode(run.data, layout: little64)
        #expect(replyTo.pnn == PNN(rawValue: 0) && replyTo.replyTo.range == .tool)
        #expect(dmaster.database == DatabaseID(rawValue: 0x8422_4211))
        #expect(dmaster.recordFlags & 0x0001_0000 != 0)
        #expect(error.status == -1 && error.text.hasPrefix("Unknown database"))
        #expect(life.version == 4 << 16 | 17)
        #expect(tunnel.flags == .request && tunnel.data == slice("through a tunnel"))
    }
}
