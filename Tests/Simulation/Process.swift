// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import MessagingCore
import PeerWire
import ProxyCore
import Vocabulary

/// A proxy or an endpoint, through all its lives, with its socket and its wishes.
struct Process {
    /// Something that waits to be taken.
    enum Input {
        /// The kernel takes the sender's pid down when it sends.
        case datagram([UInt8], pid: Int32)
        case proxy(ProxyCore.Event)
        case endpoint(EndpointCore.Event)
        case wake
    }

    /// A frame that had no room at its receiver.
    struct Pending {
        var to: Int
        var bytes: [UInt8]
    }

    let node: Int
    let service: Service
    /// Which life this is, from 1; also what names it to the others.
    var life: UInt64 = 0
    var proxy: ProxyCore?
    var endpoint: EndpointCore?
    var isPaused = false
    var inbox: [Input] = []
    var datagramCount = 0
    var pending: [Pending] = []
    var hasTurn = false
    var wakeAt: Instant?
    var wakeCount = 0
    /// The connection to ctdbd, or 0.
    var connection: UInt64 = 0
    var proxySettings = ProxySettings()

    var isAlive: Bool { proxy != nil || endpoint != nil }
    var isClient: Bool { service == .client }
    var pid: Int32 { isClient ? Int32(truncatingIfNeeded: life) : 1 }
}

/// The ctdbd of a node.
struct Daemon {
    /// Something that waits while the daemon is paused.
    enum Input {
        case packet([UInt8], process: Int, connection: UInt64)
        case message(srvid: SrvID, data: ArraySlice<UInt8>)
    }

    struct Client {
        var process: Int
        var connection: UInt64
        var srvids: Set<SrvID> = []
    }

    var isAlive = true
    var isPaused = false
    var inbox: [Input] = []
    var clients: [Client] = []
    var generation = Generation(rawValue: 100)
    /// Which nodes it believes to be connected.
    var isConnected: [Bool]
}

/// The connection between two ctdbds.
struct Path {
    var isUp = true
    /// Grows whenever the connection is lost; what was on its way in an earlier one is lost.
    var connection: UInt64 = 1
    /// Connections whose messages were not all lost, but come late.
    var late: Set<UInt64> = []
    /// When the last message in each direction will arrive.
    var arrival: [UInt64] = [0, 0]
}
