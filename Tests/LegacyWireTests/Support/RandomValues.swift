// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

/// SplitMix64: the same values for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func bytes(upTo limit: Int = 40) -> ArraySlice<UInt8> {
        let count = Int.random(in: 0...limit, using: &self)
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }[...]
    }

    mutating func text(upTo limit: Int = 20) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz./-_é")
        let count = Int.random(in: 0...limit, using: &self)
        return String((0..<count).map { _ in letters.randomElement(using: &self) ?? "a" })
    }

    mutating func uint32() -> UInt32 { .random(in: .min ... .max, using: &self) }
    mutating func uint64() -> UInt64 { .random(in: .min ... .max, using: &self) }
    mutating func int32() -> Int32 { .random(in: .min ... .max, using: &self) }
    mutating func pnn() -> PNN { PNN(rawValue: uint32()) }
    mutating func srvid() -> SrvID { SrvID(rawValue: uint64()) }
    mutating func database() -> DatabaseID { DatabaseID(rawValue: uint32()) }

    mutating func packet() -> LegacyPacket {
        LegacyPacket(
            generation: Generation(rawValue: uint32()), destination: pnn(), source: pnn(),
            reqid: Reqid(rawValue: uint32()), body: body())
    }

    mutating func body() -> LegacyPacket.Body {
        switch Int.random(in: 0...10, using: &self) {
        case 0:
            .requestCall(
                RequestCall(
                    flags: .init(rawValue: uint32()), database: database(), function: uint32(),
                    hopCount: uint32(), key: bytes(), data: bytes()))
        case 1: .replyCall(ReplyCall(status: int32(), data: bytes()))
        case 2:
            .requestDmaster(
                RequestDmaster(
                    database: database(), rsn: RSN(rawValue: uint64()), dmaster: pnn(),
                    key: bytes(), data: bytes(), recordFlags: uint32()))
        case 3:
            .replyDmaster(
                ReplyDmaster(
                    database: database(), rsn: RSN(rawValue: uint64()), key: bytes(),
                    data: bytes(), recordFlags: uint32()))
        case 4: .replyError(ReplyError(status: int32(), message: bytes()))
        case 5: .requestMessage(RequestMessage(srvid: srvid(), data: bytes()))
        case 6:
            .requestControl(
                RequestControl(
                    opcode: ControlOpcode(rawValue: uint32()), srvid: srvid(),
                    clientID: uint32(), flags: .init(rawValue: uint32()), data: bytes()))
        case 7: .replyControl(ReplyControl(status: int32(), data: bytes(), error: bytes()))
        case 8: .requestKeepalive(RequestKeepalive(version: uint32(), uptimeSeconds: uint32()))
        case 9:
            .requestTunnel(
                RequestTunnel(
                    tunnel: uint64(), flags: .init(rawValue: uint32()), data: bytes()))
        default: .unknown(operation: 6, bytes: [1, 2, 3, 4, 5, 6, 7, UInt8(uint32() & 0xFF)])
        }
    }

    mutating func address() -> SocketAddress {
        let port = UInt16.random(in: .min ... .max, using: &self)
        switch Int.random(in: 0...2, using: &self) {
        case 0: return .ipv4(address: uint32(), port: port)
        case 1:
            return .ipv6(
                high: uint64(), low: uint64(), port: port, flow: uint32(), scope: uint32())
        default: return .other(SocketAddress.Opaque(family: 1, bytes: bytes()))
        }
    }

    mutating func nodeMap() -> NodeMap {
        NodeMap(
            nodes: (0..<Int.random(in: 0...5, using: &self)).map { _ in
                NodeMap.Node(
                    pnn: pnn(), flags: NodeFlags(rawValue: uint32()), address: address())
            })
    }

    mutating func databaseMap() -> DatabaseMap {
        DatabaseMap(
            databases: (0..<Int.random(in: 0...5, using: &self)).map { _ in
                DatabaseMap.Database(
                    id: database(), flags: DatabaseFlags(rawValue: UInt8(uint32() & 0xFF)))
            })
    }

    mutating func vnnMap() -> VNNMap {
        VNNMap(
            generation: Generation(rawValue: uint32()),
            nodes: (0..<Int.random(in: 0...5, using: &self)).map { _ in pnn() })
    }

    /// Moments that a 32-bit `long` can hold.
    mutating func timeval() -> Timeval {
        Timeval(seconds: Int64(int32()), microseconds: Int64(int32()))
    }

    mutating func uptime() -> Uptime {
        Uptime(
            now: timeval(), daemonStarted: timeval(), lastRecoveryStarted: timeval(),
            lastRecoveryFinished: timeval())
    }

    mutating func tunable() -> Tunable { Tunable(value: uint32(), name: text()) }

    mutating func flagChange() -> NodeFlagChange {
        NodeFlagChange(
            pnn: pnn(), newFlags: NodeFlags(rawValue: uint32()),
            oldFlags: NodeFlags(rawValue: uint32()))
    }
}
