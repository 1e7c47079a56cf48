// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What has become of the variables of the configuration before ctdbd 4.9.
///
/// - Source: release notes of Samba 4.9; ctdb/doc/examples/config_migrate.sh, Samba 4.17.
enum OldVariables {
    /// A setting of ctdb.conf that has taken a variable's place.
    struct Successor {
        var section: String
        var key: String
        /// The value that has a meaning, and what it is now; nil takes any value as it is.
        var translation: (old: String, new: String)?
    }

    static let settings: [String: Successor] = [
        "CTDB_LOGGING": Successor(section: "logging", key: "location"),
        "CTDB_DEBUGLEVEL": Successor(section: "logging", key: "log level"),
        "CTDB_TRANSPORT": Successor(section: "cluster", key: "transport"),
        "CTDB_NODE_ADDRESS": Successor(section: "cluster", key: "node address"),
        "CTDB_RECOVERY_LOCK": Successor(section: "cluster", key: "cluster lock"),
        "CTDB_CAPABILITY_RECMASTER": Successor(
            section: "cluster", key: "leader capability", translation: ("no", "false")),
        "CTDB_DBDIR": Successor(section: "database", key: "volatile database directory"),
        "CTDB_DBDIR_PERSISTENT": Successor(
            section: "database", key: "persistent database directory"),
        "CTDB_DBDIR_STATE": Successor(section: "database", key: "state database directory"),
        "CTDB_DEBUG_LOCKS": Successor(section: "database", key: "lock debug script"),
        "CTDB_DEBUG_HUNG_SCRIPT": Successor(section: "event", key: "debug script"),
        "CTDB_NOSETSCHED": Successor(
            section: "legacy", key: "realtime scheduling", translation: ("yes", "false")),
        "CTDB_CAPABILITY_LMASTER": Successor(
            section: "legacy", key: "lmaster capability", translation: ("no", "false")),
        "CTDB_START_AS_STOPPED": Successor(
            section: "legacy", key: "start as stopped", translation: ("yes", "true")),
        "CTDB_START_AS_DISABLED": Successor(
            section: "legacy", key: "start as disabled", translation: ("yes", "true")),
        "CTDB_SCRIPT_LOG_LEVEL": Successor(section: "legacy", key: "script log level"),
    ]

    /// Variables that nothing has taken the place of.
    static let removed: Set<String> = [
        "CTDB_BASE", "CTDB_PIDFILE", "CTDB_SOCKET", "CTDB_EVENT_SCRIPT_DIR",
        "CTDB_NOTIFY_SCRIPT", "CTDB_PUBLIC_INTERFACE", "CTDB_MAX_PERSISTENT_CHECK_ERRORS",
        "CTDB_SHUTDOWN_TIMEOUT", "CTDB_MONITOR_SWAP_USAGE",
    ]

    /// The event scripts that look after services.
    static let services: [String: String] = [
        "samba": "50.samba", "winbind": "49.winbind", "apache2": "41.httpd",
        "httpd": "41.httpd", "clamd": "31.clamd", "iscsi": "70.iscsi", "nfs": "60.nfs",
        "vsftpd": "40.vsftpd",
    ]

    /// Event scripts that used to be enabled, and had nothing to do without these variables.
    static let scripts: [(prefix: String, script: String)] = [
        ("CTDB_NATGW_", "11.natgw"), ("CTDB_LVS_", "91.lvs"),
        ("CTDB_PER_IP_ROUTING_", "13.per_ip_routing"),
    ]

    /// Where a variable of the old configuration belongs; nil when it never was one.
    static func successor(of name: String) -> String? {
        if let setting = settings[name] {
            return "it belongs in ctdb.conf: \(setting.key) in [\(setting.section)]"
        }
        if name.hasPrefix("CTDB_SET_") { return "it belongs in ctdb.tunables" }
        if name.hasPrefix("CTDB_MANAGES_") || name == "CTDB_MANAGED_SERVICES" {
            return "event scripts are enabled instead: ctdb event script enable legacy NAME"
        }
        if name == "CTDB_NODES" || name == "CTDB_PUBLIC_ADDRESSES" {
            return "the file has its place beside ctdb.conf"
        }
        return removed.contains(name) ? "it is out of date, and nothing reads it" : nil
    }
}
