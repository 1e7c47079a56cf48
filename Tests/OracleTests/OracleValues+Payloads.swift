// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Vocabulary

/// The values that legacy/oracle/payloads.c lays out, under the same names.
extension OracleValues {
    static func payloads(layout: LegacyLayout) -> [(String, any LegacyCoding)] {
        daemons + addresses + databases + records(layout: layout) + others
    }

    static func latency(_ count: Int32) -> LatencyCounter {
        LatencyCounter(
            count: count, minimum: RealSeconds(0.125), maximum: RealSeconds(2.5),
            total: RealSeconds(Double(count) + 0.0625))
    }

    static let locks = LockStatistics(
        callCount: 0x1112_1314, currentCount: 0x2122_2324, pendingCount: 0x3132_3334,
        failedCount: 0x4142_4344, latency: latency(7),
        buckets: CountBuckets((0..<16).map { 0x1000 + $0 }))

    static func statistics(_ base: UInt32) -> DaemonStatistics {
        DaemonStatistics(
            general: .init(
                clientCount: base, frozen: base + 1, recovering: base + 2,
                clientPacketsSent: base + 3, clientPacketsReceived: base + 4,
                nodePacketsSent: base + 5, nodePacketsReceived: base + 6,
                keepalivePacketsSent: base + 7, keepalivePacketsReceived: base + 8),
            node: .init(
                requestCalls: base + 9, replyCalls: base + 10, requestDmasters: base + 11,
                replyDmasters: base + 12, replyErrors: base + 13, requestMessages: base + 14,
                requestControls: base + 15, replyControls: base + 16, requestTunnels: base + 17),
            client: .init(
                requestCalls: base + 18, requestMessages: base + 19, requestControls: base + 20,
                requestTunnels: base + 21),
            timeouts: .init(calls: base + 22, controls: base + 23, traversals: base + 24),
            clusterLockDaemon: latency(-1), clusterLockRecoveryDaemon: latency(2), locks: locks,
            calls: .init(
                totalCalls: base + 0x100, pendingCalls: base + 0x101,
                childwriteCalls: base + 0x102, pendingChildwriteCalls: base + 0x103,
                memoryUsed: base + 0x104, lastCounter: base + 0x105,
                maximumHopCount: base + 0x106),
            hopCounts: CountBuckets((0..<16).map { base + 0x200 + $0 }),
            callLatency: latency(3), childwriteLatency: latency(4),
            recoveryCount: base + 0x300,
            started: Timeval(seconds: 0x5152_5354, microseconds: 0x61626),
            now: Timeval(seconds: 0x7172_7374, microseconds: 0x01828),
            readOnlyDelegations: base + 0x301, readOnlyRevokes: base + 0x302)
    }

    private static let four = SocketAddress.ipv4(address: 0xC000_0207, port: 4379)
    private static let six = SocketAddress.ipv6(
        high: 0x2001_0DB8_0102_0304, low: 0x0506_0708_090A_0B0C, port: 4379, flow: 0x5152_5354,
        scope: 0x6162_6364)
    private static let header = RecordHeader(
        rsn: RSN(rawValue: 0x5152_5354_5556_5758), dmaster: PNN(rawValue: 0x6162_6364),
        flags: [.readOnlyHasDelegations, .vacuumMigrated])
    private static let server = ServerID(
        pid: 0x1112_1314_1516_1718, task: 0x2122_2324, node: PNN(rawValue: 0x3132_3334),
        uniqueID: 0x4142_4344_4546_4748)
    private static let database = DatabaseID(rawValue: 0x1112_1314)
    private static let srvid = SrvID(rawValue: 0x3132_3334_3536_3738)

    private static let daemons: [(String, any LegacyCoding)] = [
        (
            "LatencyCounter", latency(7)
        ),
        (
            "LockStatistics", locks
        ),
        (
            "DaemonStatistics", statistics(0x1000_0000)
        ),
        (
            "StatisticsHistory",
            StatisticsHistory(elements: [statistics(0x1000_0000), statistics(0x2000_0000)])
        ),
        (
            "DatabaseStatistics",
            DatabaseStatistics(
                locks: locks, vacuumLatency: latency(5), readOnlyDelegations: 0x5152_5354,
                readOnlyRevokes: 0x6162_6364, hopCounts: CountBuckets((0..<16).map { 0x2000 + $0 }),
                hotKeys: [.init(count: 0x7172_7374, key: key)] + Array(repeating: .init(), count: 8)
                    + [.init(count: 0x0102_0304, key: value)])
        ),
        (
            "TunableNames", TunableNames(names: ["First", "Second", "3rd"])
        ),
        (
            "NotifyRegistration",
            NotifyRegistration(srvid: SrvID(rawValue: 0x1112_1314_1516_1718), data: value)
        ),
        (
            "EchoData", EchoData(timeoutMilliseconds: 0x1112_1314, data: value)
        ),
    ]

    private static let addresses: [(String, any LegacyCoding)] = [
        (
            "PublicIP", PublicIP(pnn: PNN(rawValue: 0x1112_1314), address: four)
        ),
        (
            "PublicIPList",
            PublicIPList(addresses: [
                PublicIP(pnn: PNN(rawValue: 0x1112_1314), address: four),
                PublicIP(pnn: .unknown, address: six),
            ])
        ),
        (
            "NetworkInterface",
            NetworkInterface(name: "eth0", linkState: 0x1112, references: 0x2122_2324)
        ),
        (
            "NetworkInterfaceList",
            NetworkInterfaceList(interfaces: [
                NetworkInterface(name: "eth0", linkState: 1, references: 2),
                NetworkInterface(name: "a-name-of-17-byte", linkState: 0, references: 0),
            ])
        ),
        (
            "PublicIPInfo",
            PublicIPInfo(
                publicIP: PublicIP(pnn: PNN(rawValue: 0x1112_1314), address: six),
                activeIndex: PublicIPInfo.noInterface,
                interfaces: [NetworkInterface(name: "eth0", linkState: 1, references: 2)])
        ),
        (
            "TCPConnection", TCPConnection(source: four, destination: six)
        ),
        (
            "TickleList",
            TickleList(
                address: four,
                connections: [
                    TCPConnection(source: four, destination: four),
                    TCPConnection(source: six, destination: four),
                ])
        ),
        (
            "AddressInfo", AddressInfo(address: four, maskBits: 24, interface: "eth0")
        ),
    ]

    private static let databases: [(String, any LegacyCoding)] = [
        (
            "BanState", BanState(pnn: PNN(rawValue: 0x1112_1314), seconds: 0x2122_2324)
        ),
        (
            "DatabaseTransaction", DatabaseTransaction(database: database, transaction: 0x2122_2324)
        ),
        (
            "DatabasePull", DatabasePull(database: database, lmaster: PNN(rawValue: 0x2122_2324))
        ),
        (
            "DatabaseTransfer",
            DatabaseTransfer(database: database, lmaster: PNN(rawValue: 0x2122_2324), srvid: srvid)
        ),
        (
            "TraverseStart",
            TraverseStart(database: database, reqid: Reqid(rawValue: 0x2122_2324), srvid: srvid)
        ),
        (
            "TraverseStartExtended",
            TraverseStartExtended(
                database: database, reqid: Reqid(rawValue: 0x2122_2324), srvid: srvid,
                withEmptyRecords: true)
        ),
        (
            "TraverseAll",
            TraverseAll(
                database: database, reqid: Reqid(rawValue: 0x2122_2324),
                pnn: PNN(rawValue: 0x3132_3334), clientReqid: Reqid(rawValue: 0x4142_4344),
                srvid: SrvID(rawValue: 0x5152_5354_5556_5758))
        ),
        (
            "TraverseAllExtended",
            TraverseAllExtended(
                database: database, reqid: Reqid(rawValue: 0x2122_2324),
                pnn: PNN(rawValue: 0x3132_3334), clientReqid: Reqid(rawValue: 0x4142_4344),
                srvid: SrvID(rawValue: 0x5152_5354_5556_5758), withEmptyRecords: true)
        ),
        (
            "DatabaseVacuum", DatabaseVacuum(database: database, isFull: true)
        ),
        (
            "ProcessSrvID",
            ProcessSrvID(pid: 0x1112_1314, srvid: SrvID(rawValue: 0x2122_2324_2526_2728))
        ),
    ]

    private static func records(layout: LegacyLayout) -> [(String, any LegacyCoding)] {
        [
            (
                "RecordHeader", header
            ),
            (
                "RecordData",
                RecordData(
                    reqid: 0x1112_1314, header: header, key: key, value: value, layout: layout)
            ),
            (
                "RecordBuffer",
                RecordBuffer(
                    database: database,
                    records: [
                        RecordData(
                            reqid: 0, header: header, key: key, value: value, layout: layout),
                        RecordData(reqid: 1, header: header, key: [], value: [], layout: layout),
                    ])
            ),
            (
                "ScheduledDeletion", ScheduledDeletion(database: database, header: header, key: key)
            ),
            (
                "PushedRecord",
                PushedRecord(
                    generation: Generation(rawValue: 0x1112_1314),
                    database: DatabaseID(rawValue: 0x2122_2324), header: header, key: key,
                    value: value)
            ),
        ]
    }

    private static let others: [(String, any LegacyCoding)] = [
        (
            "ElectionMessage",
            ElectionMessage(
                connectedCount: 0x1112_1314,
                priorityTime: Timeval(seconds: 0x2122_2324, microseconds: 0x31323),
                pnn: PNN(rawValue: 0x4142_4344), nodeFlags: NodeFlags(rawValue: 0x5152_5354))
        ),
        (
            "ServerID", server
        ),
        (
            "GlobalLockList",
            GlobalLockList(holders: [
                .init(kind: .read, server: server),
                .init(
                    kind: .write,
                    server: ServerID(pid: 0, task: 0, node: PNN(rawValue: 0), uniqueID: 0)),
            ])
        ),
        (
            "ScriptList",
            ScriptList(scripts: [
                .init(
                    name: "10.interface",
                    started: Timeval(seconds: 0x1112_1314, microseconds: 0x21222),
                    finished: Timeval(seconds: 0x3132_3334, microseconds: 0x41424), status: -2,
                    output: "output")
            ])
        ),
    ]
}
