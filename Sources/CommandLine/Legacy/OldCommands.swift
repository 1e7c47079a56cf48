// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The commands of the legacy tool, and how they are spelled now.
///
/// - Source: `ctdb_commands`, ctdb/tools/ctdb.c, Samba 4.17; ctdb(1).
enum OldCommands {
    /// An old command and its new spelling.
    struct Entry: Sendable {
        var name: String
        var spelling: String
        var remark = ""
    }

    static let all: [Entry] = [
        Entry(name: "version", spelling: "version show"),
        Entry(name: "status", spelling: "cluster status"),
        Entry(name: "uptime", spelling: "node uptime"),
        Entry(name: "ping", spelling: "node ping"),
        Entry(name: "runstate", spelling: "node runstate [STATES...]"),
        Entry(name: "getvar", spelling: "tunable get NAME"),
        Entry(name: "setvar", spelling: "tunable set NAME VALUE"),
        Entry(name: "listvars", spelling: "tunable list"),
        Entry(name: "statistics", spelling: "statistics show"),
        Entry(name: "statisticsreset", spelling: "statistics reset"),
        Entry(name: "stats", spelling: "statistics history [COUNT]"),
        Entry(name: "ip", spelling: "ip list", remark: "ctdb ip all is ctdb ip list --node all"),
        Entry(name: "ipinfo", spelling: "ip show ADDRESS"),
        Entry(name: "ifaces", spelling: "ip interface list"),
        Entry(name: "setifacelink", spelling: "ip interface set INTERFACE up|down"),
        Entry(name: "process-exists", spelling: "node process PID [SRVID]"),
        Entry(name: "getdbmap", spelling: "db list"),
        Entry(name: "getdbstatus", spelling: "db show DATABASE"),
        Entry(name: "catdb", spelling: "db dump DATABASE"),
        Entry(name: "cattdb", spelling: "db dump --local DATABASE"),
        Entry(name: "getcapabilities", spelling: "node show"),
        Entry(name: "pnn", spelling: "node pnn"),
        Entry(name: "lvs", spelling: "ip lvs status"),
        Entry(name: "setdebug", spelling: "log level set LEVEL"),
        Entry(name: "getdebug", spelling: "log level get"),
        Entry(name: "attach", spelling: "db attach DATABASE [KIND]"),
        Entry(name: "detach", spelling: "db detach DATABASE"),
        Entry(name: "dumpmemory", spelling: "node memory"),
        Entry(name: "rddumpmemory", spelling: "node memory --recovery-daemon"),
        Entry(name: "getpid", spelling: "node show"),
        Entry(name: "disable", spelling: "node disable [NODE]"),
        Entry(name: "enable", spelling: "node enable [NODE]"),
        Entry(name: "stop", spelling: "node stop [NODE]"),
        Entry(name: "continue", spelling: "node continue [NODE]"),
        Entry(name: "ban", spelling: "node ban SECONDS [NODE]"),
        Entry(name: "unban", spelling: "node unban [NODE]"),
        Entry(name: "shutdown", spelling: "node shutdown [NODE]"),
        Entry(name: "recover", spelling: "cluster recover"),
        Entry(name: "sync", spelling: "ip reallocate"),
        Entry(name: "ipreallocate", spelling: "ip reallocate"),
        Entry(name: "gratarp", spelling: "ip announce ADDRESS INTERFACE"),
        Entry(name: "tickle", spelling: "ip connection tickle SOURCE DESTINATION"),
        Entry(name: "gettickles", spelling: "ip connection list ADDRESS [PORT]"),
        Entry(name: "addtickle", spelling: "ip connection add SOURCE DESTINATION"),
        Entry(name: "deltickle", spelling: "ip connection del SOURCE DESTINATION"),
        Entry(name: "listnodes", spelling: "node list"),
        Entry(name: "reloadnodes", spelling: "node reload"),
        Entry(name: "moveip", spelling: "ip move ADDRESS NODE"),
        Entry(name: "addip", spelling: "ip add NETWORK INTERFACE"),
        Entry(name: "delip", spelling: "ip remove ADDRESS"),
        Entry(name: "backupdb", spelling: "db backup DATABASE FILE"),
        Entry(name: "restoredb", spelling: "db restore FILE [DATABASE]"),
        Entry(name: "dumpdbbackup", spelling: "db file dump FILE"),
        Entry(name: "wipedb", spelling: "db wipe DATABASE"),
        Entry(name: "leader", spelling: "cluster leader"),
        Entry(name: "event", spelling: "event status [EVENT]"),
        Entry(name: "scriptstatus", spelling: "event status [EVENT]"),
        Entry(name: "natgw", spelling: "ip natgw status"),
        Entry(name: "getreclock", spelling: "cluster lock"),
        Entry(name: "setlmasterrole", spelling: "node role lmaster on|off"),
        Entry(name: "setleaderrole", spelling: "node role leader on|off"),
        Entry(name: "setdbreadonly", spelling: "db flags DATABASE read-only"),
        Entry(name: "setdbsticky", spelling: "db flags DATABASE sticky"),
        Entry(name: "pfetch", spelling: "db key get DATABASE KEY"),
        Entry(name: "pstore", spelling: "db key set DATABASE KEY VALUE"),
        Entry(name: "pdelete", spelling: "db key delete DATABASE KEY"),
        Entry(name: "ptrans", spelling: "db transaction DATABASE"),
        Entry(name: "tfetch", spelling: "db file get FILE KEY"),
        Entry(name: "tstore", spelling: "db file set FILE KEY VALUE"),
        Entry(name: "readkey", spelling: "db key get DATABASE KEY"),
        Entry(name: "writekey", spelling: "db key set DATABASE KEY VALUE"),
        Entry(name: "deletekey", spelling: "db key delete DATABASE KEY"),
        Entry(name: "checktcpport", spelling: "node port PORT"),
        Entry(name: "getdbseqnum", spelling: "db show DATABASE"),
        Entry(name: "nodestatus", spelling: "node status"),
        Entry(name: "dbstatistics", spelling: "db statistics DATABASE"),
        Entry(name: "reloadips", spelling: "ip reload"),
    ]

    /// An old command with an option that only the new structure has, in the new spelling.
    ///
    /// - Parameter words: without the name of the program.
    /// - Returns: nil when the old tool takes it, or when there is no such new command.
    static func respelled(_ words: [String]) -> [String]? {
        let (plain, options) = Spelling.withoutOptions(words)
        // Programs ask by the exit code of `version --json` whether the old tool knows JSON.
        guard let first = plain.first, first != "version",
            let place = words.firstIndex(of: first),
            let spelling = all.first(where: { $0.name == first })?.spelling
        else { return nil }
        let isNew = options.contains { option in
            option == "--json" || option == "--watch" || option.hasPrefix("--watch=")
        }
        guard isNew,
            options.allSatisfy({ CommandParser.option($0, among: Settings.options) != nil })
        else { return nil }
        let parts = spelling.split(separator: " ").map(String.init)
        let fixed = Array(parts.prefix { !isPlaceholder($0) })
        guard parts.dropFirst(fixed.count).allSatisfy(isPlaceholder) else { return nil }
        var rest = Array(words[(place + 1)...])
        var extra: [String] = []
        if first == "lvs" || first == "natgw" { rest.removeAll { !$0.hasPrefix("-") } }
        if first == "ip", let index = rest.firstIndex(of: "all") {
            rest.remove(at: index)
            extra = ["--node", "all"]
        }
        return words[..<place] + fixed + extra + rest
    }

    /// Whether a part of a spelling stands for an argument.
    private static func isPlaceholder(_ part: String) -> Bool {
        part.hasPrefix("[") || part.contains { $0.isUppercase }
    }

    static let names = Set(all.map(\.name))

    /// Commands of older and newer releases: programs try them to find out what there is.
    ///
    /// - Source: `ctdb_commands`, ctdb/tools/ctdb.c, Samba 4.2 to 4.25.
    static let ofOtherReleases: Set<String> = [
        "check_srvids", "chksrvid", "disablemonitor", "disablescript", "enablemonitor",
        "enablescript", "eventscript", "getdbprio", "getmonmode", "getsrvids", "gratiousarp",
        "ipiface", "isnotrecmaster", "killtcp", "lvsmaster", "msglisten", "msgsend", "natgwlist",
        "pushrecord", "rebalanceip", "rebalancenode", "recmaster", "regsrvid", "repack",
        "setdbprio", "setnatgwstate", "setreclock", "setrecmasterrole", "showban", "thaw",
        "unregsrvid", "xpnn",
    ]
}
