// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// The payloads of controls and messages, at random.
extension SeededGenerator {
    mutating func reqid() -> Reqid { Reqid(rawValue: uint32()) }
    mutating func bool() -> Bool { .random(using: &self) }
    mutating func int64() -> Int64 { Int64(int32()) }
    mutating func optionalText() -> String? { bool() ? text() : nil }

    mutating func list<Element>(
        upTo limit: Int = 4, _ make: (inout SeededGenerator) -> Element
    ) -> [Element] {
        let count = Int.random(in: 0...limit, using: &self)
        return (0..<count).map { _ in make(&self) }
    }

    mutating func seconds() -> RealSeconds { RealSeconds(bitPattern: uint64()) }
    mutating func buckets() -> CountBuckets { CountBuckets((0..<16).map { _ in uint32() }) }

    mutating func latency() -> LatencyCounter {
        LatencyCounter(
            count: int32(), minimum: seconds(), maximum: seconds(), total: seconds())
    }

    mutating func locks() -> LockStatistics {
        LockStatistics(
            callCount: uint32(), currentCount: uint32(), pendingCount: uint32(),
            failedCount: uint32(), latency: latency(), buckets: buckets())
    }

    mutating func statistics() -> DaemonStatistics {
        DaemonStatistics(
            general: .init(clientCount: uint32(), keepalivePacketsReceived: uint32()),
            node: .init(requestCalls: uint32(), requestTunnels: uint32()),
            client: .init(requestCalls: uint32(), requestTunnels: uint32()),
            timeouts: .init(calls: uint32(), traversals: uint32()),
            clusterLockDaemon: latency(), clusterLockRecoveryDaemon: latency(), locks: locks(),
            calls: .init(totalCalls: uint32(), maximumHopCount: uint32()),
            hopCounts: buckets(), callLatency: latency(), childwriteLatency: latency(),
            recoveryCount: uint32(), started: timeval(), now: timeval(),
            readOnlyDelegations: uint32(), readOnlyRevokes: uint32())
    }

    mutating func databaseStatistics() -> DatabaseStatistics {
        DatabaseStatistics(
            locks: locks(), vacuumLatency: latency(), readOnlyDelegations: uint32(),
            readOnlyRevokes: uint32(), hopCounts: buckets(), hotKeyCount: uint32(),
            hotKeys: (0..<10).map { _ in .init(count: uint32(), key: bytes(upTo: 9)) })
    }

    mutating func header() -> RecordHeader {
        RecordHeader(
            rsn: RSN(rawValue: uint64()), dmaster: pnn(), reserved: uint32(),
            flags: RecordFlags(rawValue: uint32()))
    }

    mutating func record() -> RecordData {
        RecordData(reqid: uint32(), key: bytes(), data: bytes())
    }

    mutating func records() -> RecordBuffer {
        RecordBuffer(database: database(), records: list { $0.record() })
    }

    mutating func publicIP() -> PublicIP { PublicIP(pnn: pnn(), address: address()) }
    mutating func connection() -> TCPConnection {
        TCPConnection(source: address(), destination: address())
    }

    mutating func tickles() -> TickleList {
        TickleList(address: address(), connections: list { $0.connection() })
    }

    mutating func interface() -> NetworkInterface {
        NetworkInterface(
            name: text(upTo: 8), linkState: UInt16(uint32() & 0xFFFF), references: uint32())
    }

    mutating func addressInfo() -> AddressInfo {
        AddressInfo(address: address(), maskBits: uint32(), interface: optionalText())
    }

    mutating func transaction() -> DatabaseTransaction {
        DatabaseTransaction(database: database(), transaction: uint32())
    }

    mutating func transfer() -> DatabaseTransfer {
        DatabaseTransfer(database: database(), lmaster: pnn(), srvid: srvid())
    }

    mutating func traverseStart() -> TraverseStart {
        TraverseStart(database: database(), reqid: reqid(), srvid: srvid())
    }

    mutating func echo() -> EchoData { EchoData(timeoutMilliseconds: uint32(), data: bytes()) }
    mutating func ban() -> BanState { BanState(pnn: pnn(), seconds: uint32()) }
    mutating func disable() -> DisableMessage {
        DisableMessage(pnn: pnn(), replyTo: srvid(), timeoutSeconds: uint32())
    }

    /// One of every kind of message.
    mutating func messages() -> [MessagePayload] {
        let recovery = SrvID(rawValue: SrvID.recovery.rawValue | uint64() >> 16)
        return [
            .recovery(recovery, records()), .banning(pnn()),
            .election(
                ElectionMessage(
                    connectedCount: uint32(), priorityTime: timeval(), pnn: pnn(),
                    nodeFlags: NodeFlags(rawValue: uint32()))),
            .leader(pnn()), .reconfigure, .releaseIP(text()), .takeIP(text()), .ipReallocated,
            .startIPReallocate, .setNodeFlags(flagChange()), .pushNodeFlags(flagChange()),
            .updateIP(publicIP()), .vacuumFetch(records()), .detachDatabase(database()),
            .memoryDump(SrvIDMessage(pnn: pnn(), replyTo: srvid())), .reloadNodes,
            .takeoverRun(SrvIDMessage(pnn: pnn(), replyTo: srvid())), .rebalanceNode(pnn()),
            .disableTakeoverRuns(disable()), .disableRecoveries(disable()),
            .disableIPCheck(timeoutSeconds: uint32()),
            .other(SrvID(rawValue: 0xFE00_0000_0000_0000), data: bytes()),
        ]
    }

    mutating func eventResult() -> EventScriptResult {
        EventScriptResult(
            name: optionalText(), begin: timeval(), end: timeval(), result: int32(),
            output: optionalText())
    }

    /// One of every kind of command to the event daemon.
    mutating func eventRequests() -> [EventRequest] {
        [
            .run(
                EventRunRequest(
                    component: optionalText(), event: optionalText(), arguments: optionalText(),
                    timeoutSeconds: uint32(), flags: uint32())),
            .status(EventStatusRequest(component: optionalText(), event: optionalText())),
            .script(
                EventScriptRequest(
                    component: optionalText(), script: optionalText(),
                    action: bool() ? .enable : .disable)),
        ]
    }

    /// One of every kind of answer.
    mutating func eventReplies() -> [EventReply] {
        [
            .run(result: int32()), .script(result: int32()),
            .statusFailed(result: int32() | 1),
            .status(EventStatus(summary: int32(), scripts: list { $0.eventResult() })),
        ]
    }
}
