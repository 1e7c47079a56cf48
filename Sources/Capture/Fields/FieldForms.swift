// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import PeerWire
import Vocabulary

// The values whose meaning is a name, or that people know in another form than their fields.

extension FieldValue {
    /// Bits by their names; what has none is left in hexadecimal.
    static func flags(_ bits: UInt64, named names: [(UInt64, String)]) -> FieldValue {
        var rest = bits
        var words: [String] = []
        for (bit, name) in names where bits & bit != 0 {
            words.append(name)
            rest &= ~bit
        }
        if rest != 0 { words.append("0x" + String(rest, radix: 16)) }
        return .flags(bits, words)
    }

    static func hexadecimal(_ number: UInt64) -> FieldValue {
        .named(number, "0x" + String(number, radix: 16, uppercase: true))
    }
}

extension PNN: FieldShown {
    /// A node, or a group of nodes.
    private var groupName: String? {
        switch self {
        case .current: "current"
        case .broadcastAll: "all"
        case .broadcastActive: "active"
        case .broadcastConnected: "connected"
        case .multicast: "multicast"
        case .unknown: "unknown"
        default: nil
        }
    }

    /// The number, or the name of a group.
    public var shortName: String { groupName ?? String(rawValue) }

    var fieldValue: FieldValue {
        groupName.map { .named(UInt64(rawValue), $0) } ?? .number(Int64(rawValue))
    }
}

extension SrvID: FieldShown {
    /// ctdbd's own numbers, by their names.
    private static let names: [SrvID: String] = [
        .all: "all", .banning: "banning", .election: "election", .leader: "leader",
        .reconfigure: "reconfigure", .releaseIP: "releaseIP", .takeIP: "takeIP",
        .ipReallocated: "ipReallocated", .startIPReallocate: "startIPReallocate",
        .setNodeFlags: "setNodeFlags", .updateIP: "updateIP", .vacuumFetch: "vacuumFetch",
        .detachDatabase: "detachDatabase", .memoryDump: "memoryDump", .getLog: "getLog",
        .clearLog: "clearLog", .pushNodeFlags: "pushNodeFlags", .reloadNodes: "reloadNodes",
        .takeoverRun: "takeoverRun", .rebalanceNode: "rebalanceNode",
        .disableTakeoverRuns: "disableTakeoverRuns", .disableRecoveries: "disableRecoveries",
        .disableIPCheck: "disableIPCheck", .tunnelNewProtocol: "tunnelNewProtocol",
    ]

    /// The name of a number that is ctdbd's own, or of the new protocol.
    public var name: String? {
        if let name = Self.names[self] { return name }
        return rawValue >> 48 == SrvID.recovery.rawValue >> 48 ? "recovery" : nil
    }

    /// The number of a name.
    public init?(name: String) {
        guard
            let found = Self.names.first(where: { $0.value.lowercased() == name.lowercased() })
        else { return nil }
        self = found.key
    }

    var fieldValue: FieldValue {
        let number = "0x" + String(rawValue, radix: 16, uppercase: true)
        return .named(rawValue, name.map { "\(number) \($0)" } ?? number)
    }
}

extension DatabaseID: FieldShown {
    var fieldValue: FieldValue {
        let digits = String(rawValue, radix: 16)
        let zeros = String(repeating: "0", count: 8 - digits.count)
        return .named(UInt64(rawValue), "0x\(zeros)\(digits)")
    }
}

extension Generation: FieldShown {
    var fieldValue: FieldValue { .number(Int64(rawValue)) }
}

extension Reqid: FieldShown {
    var fieldValue: FieldValue { .number(Int64(rawValue)) }
}

extension RSN: FieldShown {
    var fieldValue: FieldValue { .unsigned(rawValue) }
}

extension ControlOpcode: FieldShown {
    var fieldValue: FieldValue { .named(UInt64(rawValue), description) }
}

extension LegacyWire.Operation: FieldShown {
    /// The operation without what all requests have in common.
    public var name: String {
        if case .unknown(let number) = self { return String(number) }
        return "\(self)"
    }

    var fieldValue: FieldValue { .named(UInt64(rawValue), name) }
}

extension SocketAddress: FieldShown {
    var fieldValue: FieldValue {
        switch self {
        case .ipv4, .ipv6(_, _, _, flow: 0, scope: 0): .text(port == 0 ? text : textWithPort)
        case .ipv6(_, _, _, let flow, let scope):
            .fields([
                FieldValue.Field("address", .text(textWithPort)),
                FieldValue.Field("flow", .number(Int64(flow))),
                FieldValue.Field("scope", .number(Int64(scope))),
            ])
        case .other(let other):
            .fields([
                FieldValue.Field("family", .number(Int64(other.family))),
                FieldValue.Field("bytes", .bytes(other.bytes[...])),
            ])
        }
    }
}

extension RealSeconds: FieldShown {
    var fieldValue: FieldValue { .real(seconds) }
}

extension NodeFlags: FieldShown {
    var fieldValue: FieldValue {
        .flags(
            UInt64(rawValue),
            named: [
                (1, "disconnected"), (2, "unhealthy"), (4, "disabled"), (8, "banned"),
                (16, "deleted"), (32, "stopped"),
            ])
    }
}

extension DatabaseFlags: FieldShown {
    var fieldValue: FieldValue {
        .flags(
            UInt64(rawValue),
            named: [(1, "persistent"), (2, "read_only"), (4, "sticky"), (8, "replicated")])
    }
}

extension RecordFlags: FieldShown {
    var fieldValue: FieldValue {
        .flags(
            UInt64(rawValue),
            named: [
                (0x1_0000, "migrated_with_data"), (0x2_0000, "vacuum_migrated"),
                (0x4_0000, "automatic"), (0x100_0000, "read_only_has_delegations"),
                (0x200_0000, "read_only_copy"), (0x400_0000, "read_only_revoking"),
                (0x800_0000, "read_only_revoked"),
            ])
    }
}

extension Capabilities: FieldShown {
    var fieldValue: FieldValue {
        .flags(
            UInt64(rawValue),
            named: [
                (1, "leader"), (2, "lmaster"), (4, "lvs"), (8, "nat_gateway"),
                (0x1_0000, "parallel_recovery"), (0x2_0000, "fragmented_controls"),
            ])
    }
}

extension RequestCall.Flags: FieldShown {
    var fieldValue: FieldValue {
        .flags(
            UInt64(rawValue),
            named: [
                (1, "immediate_migration"), (2, "vacuum_migration"), (4, "want_read_only"),
            ])
    }
}

extension RequestControl.Flags: FieldShown {
    var fieldValue: FieldValue {
        .flags(
            UInt64(rawValue),
            named: [
                (1, "no_reply"), (0x1_0000, "only_available"), (0x2_0000, "attach_recovery"),
            ])
    }
}

extension RequestTunnel.Flags: FieldShown {
    var fieldValue: FieldValue {
        .flags(UInt64(rawValue), named: [(1, "request"), (2, "reply"), (16, "no_reply")])
    }
}

extension Service: FieldShown {
    var fieldValue: FieldValue { .named(UInt64(rawValue), name) }
}

extension Instance: FieldShown {
    var fieldValue: FieldValue { .hexadecimal(rawValue) }
}

extension Endpoint: FieldShown {
    var fieldValue: FieldValue { .text(description) }
}
