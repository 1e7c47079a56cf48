// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Testing
import Vocabulary

/// Walks all numbers that the old protocol has, and shows that none is forgotten.
///
/// The tables were made from `enum ctdb_operation`, `enum ctdb_controls` and `CTDB_SRVID_*` of
/// ctdb/protocol/protocol.h, from 4.17 up to the development version after 4.24, and from what
/// protocol_control.c and protocol_message.c read for each of them.
@Suite struct ProtocolTableTests {
    /// A control: its number, its name there, what its question is here, and what its answer is.
    struct Control {
        var opcode: ControlOpcode
        var request: String
        var reply: String

        init?(_ line: Substring) {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 4, let number = UInt32(words[0]) else { return nil }
            opcode = ControlOpcode(rawValue: number)
            request = words[2]
            reply = words[3]
        }
    }

    static let controls = table.split(separator: "\n").compactMap(Control.init)

    /// The name of a case.
    static func label(_ value: some Any) -> String {
        Mirror(reflecting: value).children.first?.label ?? "\(value)"
    }

    @Test func everyControlIsKnown() {
        #expect(Self.controls.map(\.opcode) == ControlOpcode.allKnown)
    }

    @Test func everyQuestionHasItsType() throws {
        var generator = SeededGenerator(seed: 0x7AB1_EC40)
        let requests = generator.requests()
        for control in Self.controls where control.request != "other" {
            let request = try #require(
                requests.first { $0.opcode == control.opcode }, "\(control.opcode)")
            let body = try request.encode(layout: little64)
            let contents = PacketContents(.requestControl(body), layout: little64)
            guard case .requestControl(let read, _) = contents else {
                Issue.record("\(contents)")
                continue
            }
            #expect(Self.label(read) == control.request && read == request)
            #expect(contents.question == .control(control.opcode))
        }
    }

    @Test func everyAnswerHasItsType() throws {
        var generator = SeededGenerator(seed: 0x7AB1_EC41)
        let replies = Dictionary(
            generator.replies().filter { Self.label($0.1) != "failed" }.map { ($0.0, $0.1) },
            uniquingKeysWith: { first, _ in first })
        for control in Self.controls where control.reply != "other" {
            let reply =
                control.reply == "done"
                ? .done(status: 0) : try #require(replies[control.opcode], "\(control.opcode)")
            let body = LegacyPacket.Body.replyControl(try reply.encode(layout: little64))
            let contents = PacketContents(
                body, answering: .control(control.opcode), layout: little64)
            guard case .replyControl(let read, control.opcode) = contents else {
                Issue.record("\(control.opcode): \(contents)")
                continue
            }
            #expect(Self.label(read) == control.reply, "\(control.opcode)")
        }
    }

    @Test func everyOtherNumberKeepsItsBytes() throws {
        let untyped = Self.controls.filter { $0.request == "other" }.map(\.opcode.rawValue)
        let known = Set(Self.controls.map(\.opcode.rawValue))
        let unknown = (0..<300).filter { !known.contains($0) } + [.max]
        for number in untyped + unknown {
            let opcode = ControlOpcode(rawValue: number)
            let body = LegacyPacket.Body.requestControl(
                RequestControl(opcode: opcode, srvid: Sample.srvid, data: Sample.value))
            let contents = PacketContents(body, layout: little64)
            #expect(
                contents
                    == .requestControl(
                        .other(opcode: opcode, srvid: Sample.srvid, data: Sample.value),
                        .init(srvid: Sample.srvid)))
            #expect(try contents.body(layout: little64) == body)
            let reply = LegacyPacket.Body.replyControl(
                ReplyControl(status: 0, data: Sample.value))
            let answer = PacketContents(reply, answering: .control(opcode), layout: little64)
            #expect(answer == .replyControl(.other(data: Sample.value), to: opcode))
            #expect(try answer.body(layout: little64) == reply)
        }
    }

    @Test func almostEveryControlOf417WasCaptured() throws {
        // Without a fixture; the layouts of those that have data are compared with a C compiler's.
        let unheard: Set<ControlOpcode> = [
            .traverseStart, .dumpMemory, .freeze, .shutdown, .tcpClient, .startup,
            .getStatisticsHistory, .traverseAllExtended,
        ]
        let names = Fixtures.names
        let captured = { (prefix: String) -> Set<ControlOpcode> in
            Set(
                names.filter { $0.hasPrefix(prefix) }.compactMap { name in
                    try? Fixtures.answeredOpcode(name)
                })
        }
        let requests = captured("request-control")
        for control in Self.controls
        where control.opcode.isKnown(in: 17) && control.request != "other" {
            #expect(
                requests.contains(control.opcode) || unheard.contains(control.opcode),
                "\(control.opcode)")
        }
    }

    @Test func everyOperationIsABody() throws {
        var generator = SeededGenerator(seed: 0x7AB1_EC42)
        let bodies = (0..<400).map { _ in generator.packet().body }
        let known = Set(bodies.map(\.operation.rawValue))
        #expect(known == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        for number in Array(0...10) + [11, 12, 0xFFFF_FFFF] as [UInt32] {
            let operation = Operation(rawValue: number)
            #expect(operation.rawValue == number)
            if case .unknown = operation { #expect(number == 6 || number > 10) }
        }
    }

    @Test func everySrvIDHasItsType() throws {
        var generator = SeededGenerator(seed: 0x7AB1_EC43)
        let messages = generator.messages()
        for (number, name) in Self.srvids {
            let srvid = SrvID(rawValue: number)
            let payload = try #require(
                messages.first { $0.srvid == srvid && Self.label($0) != "other" }, "\(name)")
            let body = LegacyPacket.Body.requestMessage(try payload.encode(layout: little64))
            let contents = PacketContents(body, layout: little64)
            #expect(contents == .message(payload))
            #expect(Self.label(payload) == name)
        }
        let typed = Set(messages.map(Self.label)).subtracting(["other", "recovery"])
        #expect(typed == Set(Self.srvids.map(\.1)))
    }

    @Test func everyOtherSrvIDKeepsItsBytes() throws {
        // No release says what a request for the log or for its end has in it.
        let others: [SrvID] =
            [.all, .getLog, .clearLog, .tunnelNewProtocol]
            + SrvID.Range.allCases.flatMap { [$0.first, $0.last] }
        for srvid in others {
            let body = LegacyPacket.Body.requestMessage(
                RequestMessage(srvid: srvid, data: Sample.value))
            let contents = PacketContents(body, layout: little64)
            #expect(contents == .message(.other(srvid, data: Sample.value)))
            #expect(try contents.body(layout: little64) == body)
        }
    }

    /// The srvids whose messages say something; that of a recovery is chosen by it.
    static let srvids: [(UInt64, String)] = [
        (0xF002_0000_0000_0000, "banning"), (0xF100_0000_0000_0000, "election"),
        (0xF101_0000_0000_0000, "leader"), (0xF200_0000_0000_0000, "reconfigure"),
        (0xF300_0000_0000_0000, "releaseIP"), (0xF301_0000_0000_0000, "takeIP"),
        (0xF302_0000_0000_0000, "ipReallocated"), (0xF303_0000_0000_0000, "startIPReallocate"),
        (0xF400_0000_0000_0000, "setNodeFlags"), (0xF500_0000_0000_0000, "updateIP"),
        (0xF700_0000_0000_0000, "vacuumFetch"), (0xF701_0000_0000_0000, "detachDatabase"),
        (0xF800_0000_0000_0000, "memoryDump"), (0xF900_0000_0000_0000, "pushNodeFlags"),
        (0xFA00_0000_0000_0000, "reloadNodes"), (0xFB00_0000_0000_0000, "takeoverRun"),
        (0xFB01_0000_0000_0000, "rebalanceNode"), (0xFB03_0000_0000_0000, "disableTakeoverRuns"),
        (0xFB04_0000_0000_0000, "disableRecoveries"), (0xFC00_0000_0000_0000, "disableIPCheck"),
    ]

    static let table = """
        0 PROCESS_EXISTS processExists done
        1 STATISTICS statistics statistics
        3 PING ping clientCount
        4 GETDBPATH getDatabasePath databasePath
        5 GETVNNMAP getVNNMap vnnMap
        6 SETVNNMAP setVNNMap done
        7 GET_DEBUG getDebug logLevel
        8 SET_DEBUG setDebug done
        9 GET_DBMAP getDatabaseMap databaseMap
        10 GET_NODEMAPv4 other other
        11 SET_DMASTER other other
        13 PULL_DB pullDatabase records
        14 PUSH_DB pushDatabase done
        15 GET_RECMODE getRecoveryMode recoveryMode
        16 SET_RECMODE setRecoveryMode done
        17 STATISTICS_RESET resetStatistics done
        18 DB_ATTACH attachDatabase databaseID
        19 SET_CALL other other
        20 TRAVERSE_START traverseStart done
        21 TRAVERSE_ALL traverseAll done
        22 TRAVERSE_DATA traverseData done
        23 REGISTER_SRVID registerSrvID done
        24 DEREGISTER_SRVID deregisterSrvID done
        25 GET_DBNAME getDatabaseName databaseName
        26 ENABLE_SEQNUM enableSequenceNumber done
        27 UPDATE_SEQNUM updateSequenceNumber done
        29 DUMP_MEMORY dumpMemory memoryDump
        30 GET_PID getPID pid
        31 GET_RECMASTER getLeader leader
        32 SET_RECMASTER setLeader done
        33 FREEZE freeze done
        34 THAW thaw done
        35 GET_PNN getPNN pnn
        36 SHUTDOWN shutdown done
        37 GET_MONMODE getMonitorMode monitorMode
        42 TAKEOVER_IPv4 other other
        43 RELEASE_IPv4 other other
        44 TCP_CLIENT tcpClient done
        45 TCP_ADD tcpAdd done
        46 TCP_REMOVE tcpRemove done
        47 STARTUP startup done
        48 SET_TUNABLE setTunable done
        49 GET_TUNABLE getTunable tunable
        50 LIST_TUNABLES listTunables tunableNames
        51 GET_PUBLIC_IPSv4 other other
        52 MODIFY_FLAGS modifyFlags done
        53 GET_ALL_TUNABLES getAllTunables tunableValues
        54 KILL_TCP killTCP done
        55 GET_TCP_TICKLE_LIST getTickleList tickles
        56 SET_TCP_TICKLE_LIST setTickleList done
        57 REGISTER_SERVER_ID other other
        58 UNREGISTER_SERVER_ID other other
        59 CHECK_SERVER_ID other other
        60 GET_SERVER_ID_LIST other other
        61 DB_ATTACH_PERSISTENT attachDatabase databaseID
        62 PERSISTENT_STORE other other
        63 UPDATE_RECORD updateRecord done
        64 SEND_GRATUITOUS_ARP sendGratuitousARP done
        65 TRANSACTION_START other other
        66 TRANSACTION_COMMIT other other
        67 WIPE_DATABASE wipeDatabase done
        69 UPTIME uptime uptime
        70 START_RECOVERY startRecovery done
        71 END_RECOVERY endRecovery done
        72 RELOAD_NODES_FILE reloadNodesFile done
        74 TRY_DELETE_RECORDS tryDeleteRecords records
        75 ENABLE_MONITOR enableMonitor done
        76 DISABLE_MONITOR disableMonitor done
        77 ADD_PUBLIC_IP addPublicIP done
        78 DEL_PUBLIC_IP deletePublicIP done
        79 RUN_EVENTSCRIPTS other other
        80 GET_CAPABILITIES getCapabilities capabilities
        81 START_PERSISTENT_UPDATE other other
        82 CANCEL_PERSISTENT_UPDATE other other
        83 TRANS2_COMMIT other other
        84 TRANS2_FINISHED other other
        85 TRANS2_ERROR other other
        86 TRANS2_COMMIT_RETRY other other
        87 RECD_PING recoveryDaemonPing done
        88 RELEASE_IP releaseIP done
        89 TAKEOVER_IP takeoverIP done
        90 GET_PUBLIC_IPS getPublicIPs publicIPs
        91 GET_NODEMAP getNodeMap nodeMap
        96 GET_EVENT_SCRIPT_STATUS other other
        97 TRAVERSE_KILL traverseKill done
        98 RECD_RECLOCK_LATENCY clusterLockLatency done
        99 GET_RECLOCK_FILE getClusterLock clusterLock
        100 SET_RECLOCK_FILE other other
        101 STOP_NODE stopNode done
        102 CONTINUE_NODE continueNode done
        103 SET_NATGWSTATE other other
        104 SET_LMASTERROLE setLmasterRole done
        105 SET_RECMASTERROLE setLeaderRole done
        107 ENABLE_SCRIPT other other
        108 DISABLE_SCRIPT other other
        109 SET_BAN_STATE setBanState done
        110 GET_BAN_STATE getBanState banState
        111 SET_DB_PRIORITY other other
        112 GET_DB_PRIORITY other other
        113 TRANSACTION_CANCEL other other
        114 REGISTER_NOTIFY registerNotify done
        115 DEREGISTER_NOTIFY deregisterNotify done
        116 TRANS2_ACTIVE other other
        117 GET_LOG other other
        118 CLEAR_LOG other other
        119 TRANS3_COMMIT trans3Commit done
        120 GET_DB_SEQNUM getDatabaseSequenceNumber sequenceNumber
        121 DB_SET_HEALTHY setDatabaseHealthy done
        122 DB_GET_HEALTH getDatabaseHealth databaseHealth
        123 GET_PUBLIC_IP_INFO getPublicIPInfo publicIPInfo
        124 GET_IFACES getInterfaces interfaces
        125 SET_IFACE_LINK_STATE setInterfaceLinkState done
        126 TCP_ADD_DELAYED_UPDATE tcpAddDelayedUpdate done
        127 GET_STAT_HISTORY getStatisticsHistory statisticsHistory
        128 SCHEDULE_FOR_DELETION scheduleForDeletion done
        129 SET_DB_READONLY setDatabaseReadOnly done
        130 CHECK_SRVIDS checkSrvIDs registrations
        131 TRAVERSE_START_EXT traverseStartExtended done
        132 GET_DB_STATISTICS getDatabaseStatistics databaseStatistics
        133 SET_DB_STICKY setDatabaseSticky done
        134 RELOAD_PUBLIC_IPS reloadPublicIPs done
        135 TRAVERSE_ALL_EXT traverseAllExtended done
        136 RECEIVE_RECORDS receiveRecords records
        137 IPREALLOCATED ipReallocated done
        138 GET_RUNSTATE getRunState runState
        139 DB_DETACH detachDatabase done
        140 GET_NODES_FILE getNodesFile nodeMap
        141 DB_FREEZE freezeDatabase done
        142 DB_THAW thawDatabase done
        143 DB_TRANSACTION_START databaseTransactionStart done
        144 DB_TRANSACTION_COMMIT databaseTransactionCommit done
        145 DB_TRANSACTION_CANCEL databaseTransactionCancel done
        146 DB_PULL databasePull recordCount
        147 DB_PUSH_START databasePushStart done
        148 DB_PUSH_CONFIRM databasePushConfirm recordCount
        149 DB_OPEN_FLAGS databaseOpenFlags openFlags
        150 DB_ATTACH_REPLICATED attachDatabase databaseID
        151 CHECK_PID_SRVID checkPIDSrvID done
        152 TUNNEL_REGISTER registerTunnel done
        153 TUNNEL_DEREGISTER deregisterTunnel done
        154 VACUUM_FETCH vacuumFetch done
        155 DB_VACUUM databaseVacuum done
        156 ECHO_DATA echoData echo
        157 DISABLE_NODE disableNode done
        158 ENABLE_NODE enableNode done
        159 TCP_CLIENT_DISCONNECTED tcpClientDisconnected done
        160 TCP_CLIENT_PASSED tcpClientPassed done
        161 START_IPREALLOCATE startIPReallocate done
        162 PUSH_RECORD pushRecord done
        """
}
