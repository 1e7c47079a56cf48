// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// Values that several tests are made of; legacy/oracle/payloads.c has the same.
enum Sample {
    static let key = Array("key".utf8)[...]
    static let value = Array("value".utf8)[...]
    static let four = SocketAddress.ipv4(address: 0xC000_0207, port: 4379)
    static let six = SocketAddress.ipv6(
        high: 0x2001_0DB8_0102_0304, low: 0x0506_0708_090A_0B0C, port: 4379, flow: 0x5152_5354,
        scope: 0x6162_6364)
    static let header = RecordHeader(
        rsn: RSN(rawValue: 0x5152_5354_5556_5758), dmaster: PNN(rawValue: 0x6162_6364),
        flags: [.readOnlyHasDelegations, .vacuumMigrated])
    static let server = ServerID(
        pid: 0x1112_1314_1516_1718, task: 0x2122_2324, node: PNN(rawValue: 0x3132_3334),
        uniqueID: 0x4142_4344_4546_4748)
    static let database = DatabaseID(rawValue: 0x1112_1314)
    static let srvid = SrvID(rawValue: 0x3132_3334_3536_3738)

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
}
