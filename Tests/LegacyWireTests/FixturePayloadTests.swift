// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// What the fixtures of controls and messages say, by name.
@Suite struct FixturePayloadTests {
    static let database = DatabaseID(rawValue: 0x8422_4211)

    static func message(_ name: String) throws -> MessagePayload? {
        guard case .requestMessage(let body) = try Fixtures.packet("request-message-" + name).body
        else { return nil }
        return try MessagePayload.decode(srvid: body.srvid, data: body.data, layout: little64)
    }

    @Test func counters() throws {
        guard
            case .statistics(let counters)? = try Fixtures.reply("statistics", to: .statistics),
            case .databaseStatistics(let database)? = try Fixtures.reply(
                "get-database-statistics", to: .getDatabaseStatistics)
        else {
            Issue.record("not the answers expected")
            return
        }
        #expect(counters.general.frozen == 0 && counters.general.recovering == 0)
        #expect(counters.general.clientCount >= 1 && counters.calls.memoryUsed > 10_000)
        #expect(counters.now.seconds >= counters.started.seconds)
        #expect(counters.now.microseconds < 1_000_000)
        #expect(counters.calls.lastCounter == 0)
        #expect(database.hotKeyCount == 10 && database.hotKeys.count == 10)
    }

    @Test func tunables() throws {
        guard
            case .tunableNames(let list)? = try Fixtures.reply(
                "list-tunables", to: .listTunables),
            case .tunableValues(let values)? = try Fixtures.reply(
                "get-all-tunables", to: .getAllTunables)
        else {
            Issue.record("not the answers expected")
            return
        }
        #expect(list.names.first == "SeqnumInterval" && list.names.last == "AllowMixedVersions")
        #expect(Set(list.names).isSubset(of: TunableValues.names))
        #expect(values.values.count == TunableValues.names.count)
        #expect(values["SeqnumInterval"] == 1000 && values["QueueBufferSize"] == 1024)
    }

    @Test func addresses() throws {
        guard
            case .interfaces(let list)? = try Fixtures.reply(
                "get-interfaces", to: .getInterfaces),
            case .publicIPs(let addresses)? = try Fixtures.reply(
                "get-public-ips", to: .getPublicIPs)
        else {
            Issue.record("not the answers expected")
            return
        }
        #expect(list.interfaces.map(\.name) == ["eth1"])
        #expect(list.interfaces.map(\.linkState) == [1])
        #expect(addresses.addresses.count == 2)
        guard case .takeoverIP(let address)? = try Fixtures.request("takeover-ip") else {
            Issue.record("not a takeover")
            return
        }
        #expect(addresses.addresses.map(\.address).contains(address.address))
    }

    @Test func oneAddress() throws {
        guard
            case .publicIPInfo(let info)? = try Fixtures.reply(
                "get-public-ip-info", to: .getPublicIPInfo),
            case .tickles(let list)? = try Fixtures.reply("get-tickle-list", to: .getTickleList)
        else {
            Issue.record("not the answers expected")
            return
        }
        #expect(info.interfaces.map(\.name) == ["eth1"] && info.activeIndex == 0)
        // The client is the source: 192.0.2.1, port 1024; the server is the address, port 445.
        #expect(list.connections.map(\.source) == [.ipv4(address: 0xC000_0201, port: 1024)])
        guard case .ipv4(let octets, port: 0) = list.address else {
            Issue.record("not IPv4: \(list.address)")
            return
        }
        #expect(list.connections.map(\.destination) == [.ipv4(address: octets, port: 445)])
    }

    @Test func databases() throws {
        #expect(
            try Fixtures.reply("get-database-name", to: .getDatabaseName)
                == .databaseName("fixture-more.tdb"))
        #expect(
            try Fixtures.reply("get-database-health", to: .getDatabaseHealth)
                == .databaseHealth(nil))
        #expect(
            try Fixtures.reply("get-ban-state", to: .getBanState)
                == .banState(BanState(pnn: PNN(rawValue: 1), seconds: 0)))
        #expect(
            try Fixtures.request("set-ban-state-tool")
                == .setBanState(BanState(pnn: PNN(rawValue: 1), seconds: 1)))
        guard
            case .traverseStartExtended(let start)? = try Fixtures.request(
                "traverse-start-extended-tool"),
            case .databasePull(let transfer)? = try Fixtures.request("database-pull"),
            case .databaseTransactionStart(let transaction)? = try Fixtures.request(
                "database-transaction-start")
        else {
            Issue.record("not the questions expected")
            return
        }
        #expect(start.database == Self.database && start.srvid.range == .client)
        #expect(!start.withEmptyRecords)
        #expect(transfer.srvid.rawValue >> 48 == 0xF001)
        #expect(transaction.transaction > 1)
    }

    @Test func records() throws {
        guard
            case .records(let left)? = try Fixtures.reply(
                "try-delete-records", to: .tryDeleteRecords)
        else {
            Issue.record("not the answer expected")
            return
        }
        #expect(left.records.map(\.key) == [slice("no such key")])
        let (header, value) = try left.records[0].split(layout: little64)
        #expect(header.rsn == RSN(rawValue: 1) && value.isEmpty)
        guard case .recovery(_, let buffer)? = try Self.message("recovery") else {
            Issue.record("no records of a recovery")
            return
        }
        #expect(!buffer.records.isEmpty)
        for record in buffer.records {
            #expect(try record.split(layout: little64).header.rsn.rawValue > 0)
        }
    }

    @Test func messages() throws {
        guard case .leader(let leader)? = try Self.message("leader"),
            case .takeoverRun(let run)? = try Self.message("takeover-run-tool"),
            case .disableTakeoverRuns(let disable)? = try Self.message(
                "disable-takeover-runs-tool")
        else {
            Issue.record("not the messages expected")
            return
        }
        #expect([PNN(rawValue: 0), PNN(rawValue: 1)].contains(leader))
        #expect(run.pnn == PNN(rawValue: 0) && run.replyTo.range == .tool)
        #expect(disable.timeoutSeconds > 0)
        #expect(try Self.message("reconfigure") == .reconfigure)
        #expect(try Self.message("reload-nodes") == .reloadNodes)
    }
}
