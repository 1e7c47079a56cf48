// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension Command {
    /// All commands, in the order of the help.
    static let table: [Command] = [
        Command("version", "show version of ctdb", offline: true, Commands.version),
        Command("status", "show node status", remote: true, Commands.status),
        Command("uptime", "show node uptime", remote: true, Commands.uptime),
        Command("ping", "ping a node", remote: true, Commands.ping),
        Command(
            "runstate", "get/check runstate of a node",
            takes: "[setup|first_recovery|startup|running]", remote: true, Commands.runState),
        Command(
            "getvar", "get a tunable variable", takes: "<name>", remote: true, Commands.getTunable),
        Command(
            "setvar", "set a tunable variable", takes: "<name> <value>", remote: true,
            Commands.setTunable),
        Command("listvars", "list tunable variables", remote: true, Commands.listTunables),
        Command("statistics", "show ctdb statistics", remote: true, Commands.statistics),
        Command("statisticsreset", "reset ctdb statistics", remote: true, Commands.resetStatistics),
        Command(
            "stats", "show rolling statistics", takes: "[count]", remote: true,
            Commands.statisticsHistory),
        Command("ip", "show public ips", takes: "[all]", remote: true, Commands.publicAddresses),
        Command(
            "ipinfo", "show public ip details", takes: "<ip>", remote: true,
            Commands.publicAddress),
        Command("ifaces", "show interfaces", remote: true, Commands.interfaces),
        Command(
            "setifacelink", "set interface link status", takes: "<iface> up|down", remote: true,
            Commands.setInterfaceLink),
        Command(
            "process-exists", "check if a process exists on a node", takes: "<pid> [<srvid>]",
            remote: true, Commands.processExists),
        Command("getdbmap", "show attached databases", remote: true, Commands.databaseMap),
        Command(
            "getdbstatus", "show database status", takes: "<dbname|dbid>", remote: true,
            Commands.databaseStatus),
        Command(
            "catdb", "dump cluster-wide ctdb database", takes: "<dbname|dbid>", Commands.catDatabase
        ),
        Command(
            "cattdb", "dump local ctdb database", takes: "<dbname|dbid>",
            Commands.catLocalDatabase),
        Command("getcapabilities", "show node capabilities", remote: true, Commands.capabilities),
        Command("pnn", "show the pnn of the currnet node", Commands.nodeNumber),
        Command("lvs", "show lvs configuration", takes: "leader|list|status", Commands.lvs),
        Command(
            "setdebug", "set debug level", takes: "ERROR|WARNING|NOTICE|INFO|DEBUG", remote: true,
            Commands.setDebug),
        Command("getdebug", "get debug level", remote: true, Commands.getDebug),
        Command(
            "attach", "attach a database", takes: "<dbname> [persistent|replicated]",
            Commands.attach),
        Command("detach", "detach database(s)", takes: "<dbname|dbid> ...", Commands.detach),
        Command("dumpmemory", "dump ctdbd memory map", remote: true, Commands.dumpMemory),
        Command(
            "rddumpmemory", "dump recoverd memory map", remote: true, Commands.dumpRecoveryMemory),
        Command("getpid", "get ctdbd process ID", remote: true, Commands.processID),
        Command("disable", "disable a node", remote: true, Commands.disable),
        Command("enable", "enable a node", remote: true, Commands.enable),
        Command("stop", "stop a node", remote: true, Commands.stop),
        Command("continue", "continue a stopped node", remote: true, Commands.continueNode),
        Command("ban", "ban a node", takes: "<bantime>", remote: true, Commands.ban),
        Command("unban", "unban a node", remote: true, Commands.unban),
        Command("shutdown", "shutdown ctdb daemon", remote: true, Commands.shutdown),
        Command("recover", "force recovery", remote: true, Commands.recover),
        Command("sync", "run ip reallocation (deprecated)", remote: true, Commands.reallocate),
        Command("ipreallocate", "run ip reallocation", remote: true, Commands.reallocate),
        Command(
            "gratarp", "send a gratuitous arp", takes: "<ip> <interface>", remote: true,
            Commands.announceAddress),
        Command(
            "tickle", "send a tcp tickle ack", takes: "<srcip:port> <dstip:port>", offline: true,
            Commands.tickle),
        Command(
            "gettickles", "get the list of tickles", takes: "<ip> [<port>]", remote: true,
            Commands.listTickles),
        Command(
            "addtickle", "add a tickle", takes: "<ip>:<port> <ip>:<port>", remote: true,
            Commands.addTickle),
        Command(
            "deltickle", "delete a tickle", takes: "<ip>:<port> <ip>:<port>", remote: true,
            Commands.deleteTickle),
        Command(
            "listnodes", "list nodes in the cluster", remote: true, offline: true,
            Commands.listNodes),
        Command("reloadnodes", "reload the nodes file all nodes", Commands.reloadNodes),
        Command(
            "moveip", "move an ip address to another node", takes: "<ip> <node>",
            Commands.moveAddress),
        Command(
            "addip", "add an ip address to a node", takes: "<ip/mask> <iface>", remote: true,
            Commands.addAddress),
        Command(
            "delip", "delete an ip address from a node", takes: "<ip>", remote: true,
            Commands.deleteAddress),
        Command(
            "backupdb", "backup a database into a file", takes: "<dbname|dbid> <file>",
            Commands.backupDatabase),
        Command(
            "restoredb", "restore a database from a file", takes: "<file> [dbname]",
            Commands.restoreDatabase),
        Command(
            "dumpdbbackup", "dump database from a backup file", takes: "<file>", offline: true,
            Commands.dumpBackup),
        Command(
            "wipedb", "wipe the contents of a database.", takes: "<dbname|dbid>",
            Commands.wipeDatabase),
        Command("leader", "show the pnn of the leader", remote: true, Commands.leader),
        Command("event", "event and event script commands", offline: true, Commands.event),
        Command(
            "scriptstatus", "show event script status",
            takes: "[init|setup|startup|monitor|takeip|releaseip|ipreallocated]", offline: true,
            Commands.scriptStatus),
        Command("natgw", "show natgw configuration", takes: "leader|list|status", Commands.natgw),
        Command("getreclock", "get recovery lock file", remote: true, Commands.clusterLock),
        Command(
            "setlmasterrole", "set LMASTER role", takes: "on|off", remote: true,
            Commands.setLmasterRole),
        Command(
            "setleaderrole", "set LEADER role", takes: "on|off", remote: true,
            Commands.setLeaderRole),
        Command(
            "setdbreadonly", "enable readonly records", takes: "<dbname|dbid>", remote: true,
            Commands.setDatabaseReadOnly),
        Command(
            "setdbsticky", "enable sticky records", takes: "<dbname|dbid>", remote: true,
            Commands.setDatabaseSticky),
        Command(
            "pfetch", "fetch record from persistent database", takes: "<dbname|dbid> <key>",
            Commands.persistentFetch),
        Command(
            "pstore", "write record to persistent database", takes: "<dbname|dbid> <key> <value>",
            Commands.persistentStore),
        Command(
            "pdelete", "delete record from persistent database", takes: "<dbname|dbid> <key>",
            Commands.persistentDelete),
        Command(
            "ptrans", "update a persistent database (from file or stdin)",
            takes: "<dbname|dbid> [<file>]", Commands.persistentTransaction),
        Command(
            "tfetch", "fetch a record", takes: "<tdb-file> <key> [<file>]", remote: true,
            Commands.fileFetch),
        Command(
            "tstore", "store a record", takes: "<tdb-file> <key> <data> [<rsn> <dmaster> <flags>]",
            remote: true, Commands.fileStore),
        Command(
            "readkey", "read value of a database key", takes: "<dbname|dbid> <key> [readonly]",
            Commands.readKey),
        Command(
            "writekey", "write value for a database key", takes: "<dbname|dbid> <key> <value>",
            Commands.writeKey),
        Command(
            "deletekey", "delete a database key", takes: "<dbname|dbid> <key>", Commands.deleteKey),
        Command(
            "checktcpport", "check if a service is bound to a specific tcp port or not",
            takes: "<port>", offline: true, Commands.checkPort),
        Command(
            "getdbseqnum", "get database sequence number", takes: "<dbname|dbid>",
            Commands.sequenceNumber),
        Command(
            "nodestatus", "show and return node status", takes: "[all|<pnn-list>]", remote: true,
            Commands.nodeStatus),
        Command(
            "dbstatistics", "show database statistics", takes: "<dbname|dbid>", remote: true,
            Commands.databaseStatistics),
        Command(
            "reloadips", "reload the public addresses file", takes: "[all|<pnn-list>]",
            Commands.reloadAddresses),
    ]
}
