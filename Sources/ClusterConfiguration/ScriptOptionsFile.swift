// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat

/// The file script.options, and those of single event scripts: variables of a shell.
///
/// - Source: ctdb-script.options(5), Samba 4.17.
public struct ScriptOptionsFile: Equatable, Sendable {
    /// What the values of an option are.
    enum Kind {
        case text
        case yesOrNo
        case number
    }

    /// The options that the event scripts of ctdbd know.
    static let options: [String: Kind] = [
        "CTDB_CLAMD_SOCKET": .text, "CTDB_DEBUG_HUNG_SCRIPT_STACKPAT": .text,
        "CTDB_LVS_NODES": .text, "CTDB_LVS_PUBLIC_IFACE": .text, "CTDB_LVS_PUBLIC_IP": .text,
        "CTDB_MAX_CORRUPT_DB_BACKUPS": .number, "CTDB_MONITOR_FILESYSTEM_USAGE": .text,
        "CTDB_MONITOR_MEMORY_USAGE": .text, "CTDB_MONITOR_MPDEVICES": .text,
        "CTDB_NATGW_DEFAULT_GATEWAY": .text, "CTDB_NATGW_NODES": .text,
        "CTDB_NATGW_PRIVATE_NETWORK": .text, "CTDB_NATGW_PUBLIC_IFACE": .text,
        "CTDB_NATGW_PUBLIC_IP": .text, "CTDB_NATGW_STATIC_ROUTES": .text,
        "CTDB_NFS_CALLOUT": .text, "CTDB_NFS_CHECKS_DIR": .text,
        "CTDB_NFS_SKIP_SHARE_CHECK": .yesOrNo, "CTDB_NFS_STATE_FS_TYPE": .text,
        "CTDB_NFS_STATE_MNT": .text, "CTDB_PARTIALLY_ONLINE_INTERFACES": .yesOrNo,
        "CTDB_PER_IP_ROUTING_CONF": .text, "CTDB_PER_IP_ROUTING_RULE_PREF": .number,
        "CTDB_PER_IP_ROUTING_TABLE_ID_HIGH": .number,
        "CTDB_PER_IP_ROUTING_TABLE_ID_LOW": .number, "CTDB_RPCINFO_LOCALHOST": .text,
        "CTDB_RPCINFO_LOCALHOST6": .text, "CTDB_SAMBA_CHECK_PORTS": .text,
        "CTDB_SAMBA_SKIP_SHARE_CHECK": .yesOrNo, "CTDB_SERVICE_NMB": .text,
        "CTDB_SERVICE_SMB": .text, "CTDB_SERVICE_WINBIND": .text,
        "CTDB_START_ISCSI_SCRIPTS": .text,
    ]

    /// What is wrong with the file.
    public private(set) var complaints: [Complaint] = []

    /// Reads a file.
    public init(parsing bytes: [UInt8], file: String) {
        let text = ShellAssignments(parsing: bytes)
        for other in text.others { take(other, file) }
        var places: [String: Int] = [:]
        for assignment in text.assignments {
            take(assignment, file)
            if let first = places[assignment.name] {
                add(
                    .warning, file, assignment.line, assignment.name,
                    "it is in line \(first) already; this value counts")
            }
            places[assignment.name] = assignment.line
        }
        complaints.sort(by: Complaint.isBefore)
    }

    private mutating func add(
        _ severity: Complaint.Severity, _ file: String, _ line: Int, _ key: String?,
        _ what: String, nearest: String? = nil
    ) {
        complaints.append(
            Complaint(
                severity, file: file, line: line, key: key?.shortened, what, nearest: nearest))
    }

    private mutating func take(_ other: ShellAssignments.Other, _ file: String) {
        if let fault = other.fault { return add(.error, file, other.line, nil, fault) }
        let name = other.text.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let rest = other.text.dropFirst(name.count).drop { $0 == " " || $0 == "\t" }
        guard !name.isEmpty, rest.hasPrefix("=") else {
            return add(
                .warning, file, other.line, nil,
                "a command of the shell, which is run whenever a script is: "
                    + "\"\(other.text.shortened)\"")
        }
        add(
            .error, file, other.line, String(name),
            "there is a space in front of =: the shell would run a program of this name")
    }

    private mutating func take(_ assignment: ShellAssignments.Assignment, _ file: String) {
        let name = assignment.name
        guard let kind = Self.options[name] else {
            guard name.hasPrefix("CTDB_") else { return }
            if let successor = OldVariables.successor(of: name) {
                return add(.error, file, assignment.line, name, successor)
            }
            return add(
                .warning, file, assignment.line, name, "no event script of ctdbd knows it",
                nearest: NearestNames.of(name, among: Array(Self.options.keys)).first)
        }
        guard !assignment.isExpanded else { return }
        let expected: String? =
            switch kind {
            case .text: nil
            case .yesOrNo: ["yes", "no"].contains(assignment.value) ? nil : "yes or no"
            case .number: UInt32(assignment.value) == nil ? "a number" : nil
            }
        if let expected {
            add(
                .error, file, assignment.line, name,
                "\"\(assignment.value.shortened)\": expected \(expected)")
        }
    }
}
