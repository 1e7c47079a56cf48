// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import Vocabulary

/// The values that legacy/oracle/oracle.c lays out, under the same names.
enum OracleValues {
    static let key = Array("key".utf8)[...]
    static let value = Array("value".utf8)[...]

    /// Everything in one layout.
    static func all(layout: LegacyLayout) throws(WireError) -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        for (name, body) in packets {
            let packet = LegacyPacket(
                generation: Generation(rawValue: 0x1112_1314),
                destination: PNN(rawValue: 0x2122_2324), source: PNN(rawValue: 0x3132_3334),
                reqid: Reqid(rawValue: 0x4142_4344), body: body)
            result[name] = try packet.encodeAsSeen(layout: layout)
        }
        for (name, payload) in payloads + payloads(layout: layout) {
            result[name] = try payload.encoded(layout: layout)
        }
        let getTunable = ControlRequest.getTunable(name: "MonitorInterval")
        result["getTunable"] = Array(try getTunable.encode(layout: layout).data)
        return result
    }

    private static let packets: [(String, LegacyPacket.Body)] = [
        (
            "RequestCall",
            .requestCall(
                RequestCall(
                    flags: RequestCall.Flags(rawValue: 0x5152_5354),
                    database: DatabaseID(rawValue: 0x6162_6364), function: 0x7172_7374,
                    hopCount: 0x8182_8384, key: key, data: value))
        ),
        ("ReplyCall", .replyCall(ReplyCall(status: 0x5152_5354, data: value))),
        ("ReplyCall.empty", .replyCall(ReplyCall(status: 0, data: []))),
        ("ReplyError", .replyError(ReplyError(status: 0x5152_5354, message: value))),
        (
            "RequestDmaster",
            .requestDmaster(
                RequestDmaster(
                    database: DatabaseID(rawValue: 0x5152_5354),
                    rsn: RSN(rawValue: 0x6162_6364_6566_6768),
                    dmaster: PNN(rawValue: 0x7172_7374), key: key, data: value,
                    recordFlags: 0x8182_8384))
        ),
        (
            "ReplyDmaster",
            .replyDmaster(
                ReplyDmaster(
                    database: DatabaseID(rawValue: 0x5152_5354),
                    rsn: RSN(rawValue: 0x6162_6364_6566_6768), key: key, data: value,
                    recordFlags: 0x8182_8384))
        ),
        (
            "RequestMessage",
            .requestMessage(
                RequestMessage(srvid: SrvID(rawValue: 0x5152_5354_5556_5758), data: value))
        ),
        (
            "RequestMessage.empty",
            .requestMessage(
                RequestMessage(srvid: SrvID(rawValue: 0x5152_5354_5556_5758), data: []))
        ),
        (
            "RequestTunnel",
            .requestTunnel(
                RequestTunnel(
                    tunnel: 0x5152_5354_5556_5758,
                    flags: RequestTunnel.Flags(rawValue: 0x6162_6364), data: value))
        ),
        (
            "RequestTunnel.empty",
            .requestTunnel(RequestTunnel(tunnel: 0x5152_5354_5556_5758, flags: [], data: []))
        ),
        (
            "RequestKeepalive",
            .requestKeepalive(
                RequestKeepalive(version: 0x5152_5354, uptimeSeconds: 0x6162_6364))
        ),
        (
            "RequestControl",
            .requestControl(
                RequestControl(
                    opcode: ControlOpcode(rawValue: 0x5152_5354),
                    srvid: SrvID(rawValue: 0x6162_6364_6566_6768), clientID: 0x7172_7374,
                    flags: RequestControl.Flags(rawValue: 0x8182_8384), data: value))
        ),
        (
            "ReplyControl",
            .replyControl(
                ReplyControl(status: -2, data: value, error: Array("reason".utf8)[...]))
        ),
        ("ReplyControl.empty", .replyControl(ReplyControl(status: 0))),
    ]

    private static let payloads: [(String, any LegacyCoding)] = [
        (
            "NodeMap",
            NodeMap(nodes: [
                NodeMap.Node(
                    pnn: PNN(rawValue: 0x1112_1314), flags: NodeFlags(rawValue: 0x2122_2324),
                    address: .ipv4(address: 0xC000_0207, port: 4379)),
                NodeMap.Node(
                    pnn: PNN(rawValue: 0x3132_3334), flags: NodeFlags(rawValue: 0x4142_4344),
                    address: .ipv6(
                        high: 0x2001_0DB8_0102_0304, low: 0x0506_0708_090A_0B0C, port: 4379,
                        flow: 0x5152_5354, scope: 0x6162_6364)),
            ])
        ),
        (
            "DatabaseMap",
            DatabaseMap(databases: [
                DatabaseMap.Database(id: DatabaseID(rawValue: 0x1112_1314), flags: .persistent),
                DatabaseMap.Database(
                    id: DatabaseID(rawValue: 0x2122_2324), flags: [.readOnly, .replicated]),
            ])
        ),
        (
            "VNNMap",
            VNNMap(
                generation: Generation(rawValue: 0x1112_1314),
                nodes: [0x2122_2324, 0x3132_3334, 0x4142_4344].map(PNN.init(rawValue:)))
        ),
        (
            "Uptime",
            Uptime(
                now: Timeval(seconds: 0x1112_1314, microseconds: 0x21222),
                daemonStarted: Timeval(seconds: 0x3132_3334, microseconds: 0x41424),
                lastRecoveryStarted: Timeval(seconds: 0x5152_5354, microseconds: 0x61626),
                lastRecoveryFinished: Timeval(seconds: 0x7172_7374, microseconds: 0x01828))
        ),
        ("Tunable", Tunable(value: 0x1112_1314, name: "MonitorInterval")),
        (
            "NodeFlagChange",
            NodeFlagChange(
                pnn: PNN(rawValue: 0x1112_1314), newFlags: NodeFlags(rawValue: 0x2122_2324),
                oldFlags: NodeFlags(rawValue: 0x3132_3334))
        ),
        (
            "SrvIDMessage",
            SrvIDMessage(
                pnn: PNN(rawValue: 0x1112_1314),
                replyTo: SrvID(rawValue: 0x2122_2324_2526_2728))
        ),
        (
            "DisableMessage",
            DisableMessage(
                pnn: PNN(rawValue: 0x1112_1314),
                replyTo: SrvID(rawValue: 0x2122_2324_2526_2728), timeoutSeconds: 0x3132_3334)
        ),
    ]
}
