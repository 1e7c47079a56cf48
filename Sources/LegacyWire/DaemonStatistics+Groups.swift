// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes

// The groups of counters inside `DaemonStatistics`, each so many times 32 bits.

extension DaemonStatistics {
    /// Clients and packets; three of the numbers are states.
    ///
    /// - Source: the member `num_clients` to `keepalive_packets_recv` of `struct ctdb_statistics`.
    public struct General: Hashable, Sendable {
        /// Clients connected now.
        public var clientCount: UInt32
        /// 1 while all databases are frozen.
        public var frozen: UInt32
        /// 1 during a recovery.
        public var recovering: UInt32
        /// Packets sent to clients.
        public var clientPacketsSent: UInt32
        /// Packets received from clients.
        public var clientPacketsReceived: UInt32
        /// Packets sent to nodes.
        public var nodePacketsSent: UInt32
        /// Packets received from nodes.
        public var nodePacketsReceived: UInt32
        /// Keepalives sent.
        public var keepalivePacketsSent: UInt32
        /// Keepalives received.
        public var keepalivePacketsReceived: UInt32

        /// Makes counters.
        public init(
            clientCount: UInt32 = 0, frozen: UInt32 = 0, recovering: UInt32 = 0,
            clientPacketsSent: UInt32 = 0, clientPacketsReceived: UInt32 = 0,
            nodePacketsSent:
                UInt32 = 0, nodePacketsReceived: UInt32 = 0, keepalivePacketsSent: UInt32 = 0,
            keepalivePacketsReceived: UInt32 = 0
        ) {
            self.clientCount = clientCount
            self.frozen = frozen
            self.recovering = recovering
            self.clientPacketsSent = clientPacketsSent
            self.clientPacketsReceived = clientPacketsReceived
            self.nodePacketsSent = nodePacketsSent
            self.nodePacketsReceived = nodePacketsReceived
            self.keepalivePacketsSent = keepalivePacketsSent
            self.keepalivePacketsReceived = keepalivePacketsReceived
        }

        static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
            Self(
                clientCount: try reader.readUInt32("num_clients", of: "DaemonStatistics"),
                frozen: try reader.readUInt32("frozen", of: "DaemonStatistics"),
                recovering: try reader.readUInt32("recovering", of: "DaemonStatistics"),
                clientPacketsSent: try reader.readUInt32(
                    "client_packets_sent", of: "DaemonStatistics"),
                clientPacketsReceived: try reader.readUInt32(
                    "client_packets_recv", of: "DaemonStatistics"),
                nodePacketsSent: try reader.readUInt32("node_packets_sent", of: "DaemonStatistics"),
                nodePacketsReceived: try reader.readUInt32(
                    "node_packets_recv", of: "DaemonStatistics"),
                keepalivePacketsSent: try reader.readUInt32(
                    "keepalive_packets_sent", of: "DaemonStatistics"),
                keepalivePacketsReceived: try reader.readUInt32(
                    "keepalive_packets_recv", of: "DaemonStatistics"))
        }

        func encode(into writer: inout ByteWriter) {
            writer.write(clientCount)
            writer.write(frozen)
            writer.write(recovering)
            writer.write(clientPacketsSent)
            writer.write(clientPacketsReceived)
            writer.write(nodePacketsSent)
            writer.write(nodePacketsReceived)
            writer.write(keepalivePacketsSent)
            writer.write(keepalivePacketsReceived)
        }
    }

    /// Packets from nodes, by operation.
    ///
    /// - Source: the member `node` of `struct ctdb_statistics`.
    public struct NodePackets: Hashable, Sendable {
        /// REQ_CALL.
        public var requestCalls: UInt32
        /// REPLY_CALL.
        public var replyCalls: UInt32
        /// REQ_DMASTER.
        public var requestDmasters: UInt32
        /// REPLY_DMASTER.
        public var replyDmasters: UInt32
        /// REPLY_ERROR.
        public var replyErrors: UInt32
        /// REQ_MESSAGE.
        public var requestMessages: UInt32
        /// REQ_CONTROL.
        public var requestControls: UInt32
        /// REPLY_CONTROL.
        public var replyControls: UInt32
        /// REQ_TUNNEL.
        public var requestTunnels: UInt32

        /// Makes counters.
        public init(
            requestCalls: UInt32 = 0, replyCalls: UInt32 = 0, requestDmasters: UInt32 = 0,
            replyDmasters: UInt32 = 0, replyErrors: UInt32 = 0, requestMessages: UInt32 = 0,
            requestControls: UInt32 = 0, replyControls: UInt32 = 0, requestTunnels: UInt32 = 0
        ) {
            self.requestCalls = requestCalls
            self.replyCalls = replyCalls
            self.requestDmasters = requestDmasters
            self.replyDmasters = replyDmasters
            self.replyErrors = replyErrors
            self.requestMessages = requestMessages
            self.requestControls = requestControls
            self.replyControls = replyControls
            self.requestTunnels = requestTunnels
        }

        static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
            Self(
                requestCalls: try reader.readUInt32("req_call", of: "DaemonStatistics"),
                replyCalls: try reader.readUInt32("reply_call", of: "DaemonStatistics"),
                requestDmasters: try reader.readUInt32("req_dmaster", of: "DaemonStatistics"),
                replyDmasters: try reader.readUInt32("reply_dmaster", of: "DaemonStatistics"),
                replyErrors: try reader.readUInt32("reply_error", of: "DaemonStatistics"),
                requestMessages: try reader.readUInt32("req_message", of: "DaemonStatistics"),
                requestControls: try reader.readUInt32("req_control", of: "DaemonStatistics"),
                replyControls: try reader.readUInt32("reply_control", of: "DaemonStatistics"),
                requestTunnels: try reader.readUInt32("req_tunnel", of: "DaemonStatistics"))
        }

        func encode(into writer: inout ByteWriter) {
            writer.write(requestCalls)
            writer.write(replyCalls)
            writer.write(requestDmasters)
            writer.write(replyDmasters)
            writer.write(replyErrors)
            writer.write(requestMessages)
            writer.write(requestControls)
            writer.write(replyControls)
            writer.write(requestTunnels)
        }
    }

    /// Packets from clients, by operation.
    ///
    /// - Source: the member `client` of `struct ctdb_statistics`.
    public struct ClientPackets: Hashable, Sendable {
        /// REQ_CALL.
        public var requestCalls: UInt32
        /// REQ_MESSAGE.
        public var requestMessages: UInt32
        /// REQ_CONTROL.
        public var requestControls: UInt32
        /// REQ_TUNNEL.
        public var requestTunnels: UInt32

        /// Makes counters.
        public init(
            requestCalls: UInt32 = 0, requestMessages: UInt32 = 0, requestControls: UInt32 = 0,
            requestTunnels: UInt32 = 0
        ) {
            self.requestCalls = requestCalls
            self.requestMessages = requestMessages
            self.requestControls = requestControls
            self.requestTunnels = requestTunnels
        }

        static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
            Self(
                requestCalls: try reader.readUInt32("req_call", of: "DaemonStatistics"),
                requestMessages: try reader.readUInt32("req_message", of: "DaemonStatistics"),
                requestControls: try reader.readUInt32("req_control", of: "DaemonStatistics"),
                requestTunnels: try reader.readUInt32("req_tunnel", of: "DaemonStatistics"))
        }

        func encode(into writer: inout ByteWriter) {
            writer.write(requestCalls)
            writer.write(requestMessages)
            writer.write(requestControls)
            writer.write(requestTunnels)
        }
    }

    /// What was not answered in time.
    ///
    /// - Source: the member `timeouts` of `struct ctdb_statistics`.
    public struct Timeouts: Hashable, Sendable {
        /// Calls.
        public var calls: UInt32
        /// Controls.
        public var controls: UInt32
        /// Traversals.
        public var traversals: UInt32

        /// Makes counters.
        public init(
            calls: UInt32 = 0, controls: UInt32 = 0, traversals: UInt32 = 0
        ) {
            self.calls = calls
            self.controls = controls
            self.traversals = traversals
        }

        static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
            Self(
                calls: try reader.readUInt32("call", of: "DaemonStatistics"),
                controls: try reader.readUInt32("control", of: "DaemonStatistics"),
                traversals: try reader.readUInt32("traverse", of: "DaemonStatistics"))
        }

        func encode(into writer: inout ByteWriter) {
            writer.write(calls)
            writer.write(controls)
            writer.write(traversals)
        }
    }

    /// Calls and memory.
    ///
    /// - Source: the member `total_calls` to `max_hop_count` of `struct ctdb_statistics`.
    public struct Calls: Hashable, Sendable {
        /// Calls of clients so far.
        public var totalCalls: UInt32
        /// Calls of clients that wait.
        public var pendingCalls: UInt32
        /// Records written by a process of their own.
        public var childwriteCalls: UInt32
        /// Those that wait.
        public var pendingChildwriteCalls: UInt32
        /// Bytes in use.
        public var memoryUsed: UInt32
        /// Marks the end of the plain counters; 0.
        public var lastCounter: UInt32
        /// The most hops that a call took.
        public var maximumHopCount: UInt32

        /// Makes counters.
        public init(
            totalCalls: UInt32 = 0, pendingCalls: UInt32 = 0, childwriteCalls: UInt32 = 0,
            pendingChildwriteCalls: UInt32 = 0, memoryUsed: UInt32 = 0, lastCounter: UInt32 = 0,
            maximumHopCount: UInt32 = 0
        ) {
            self.totalCalls = totalCalls
            self.pendingCalls = pendingCalls
            self.childwriteCalls = childwriteCalls
            self.pendingChildwriteCalls = pendingChildwriteCalls
            self.memoryUsed = memoryUsed
            self.lastCounter = lastCounter
            self.maximumHopCount = maximumHopCount
        }

        static func decode(from reader: inout ByteReader) throws(WireError) -> Self {
            Self(
                totalCalls: try reader.readUInt32("total_calls", of: "DaemonStatistics"),
                pendingCalls: try reader.readUInt32("pending_calls", of: "DaemonStatistics"),
                childwriteCalls: try reader.readUInt32("childwrite_calls", of: "DaemonStatistics"),
                pendingChildwriteCalls: try reader.readUInt32(
                    "pending_childwrite_calls", of: "DaemonStatistics"),
                memoryUsed: try reader.readUInt32("memory_used", of: "DaemonStatistics"),
                lastCounter: try reader.readUInt32("__last_counter", of: "DaemonStatistics"),
                maximumHopCount: try reader.readUInt32("max_hop_count", of: "DaemonStatistics"))
        }

        func encode(into writer: inout ByteWriter) {
            writer.write(totalCalls)
            writer.write(pendingCalls)
            writer.write(childwriteCalls)
            writer.write(pendingChildwriteCalls)
            writer.write(memoryUsed)
            writer.write(lastCounter)
            writer.write(maximumHopCount)
        }
    }
}
