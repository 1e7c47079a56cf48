// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import Testing

@Suite struct MigrationTests {
    static func migrate(_ text: String, folder: String = "/etc/ctdb") -> Migration {
        Migration(of: [("old", Array(text.utf8))], folder: folder)
    }

    static let whole = """
        # what an old cluster had
        CTDB_RECOVERY_LOCK="/clusterfs/.ctdb/lock"
        CTDB_NODES=/etc/ctdb/nodes
        CTDB_PUBLIC_ADDRESSES=/srv/public_addresses
        CTDB_MANAGES_SAMBA=yes
        CTDB_MANAGES_WINBIND=no
        CTDB_MANAGED_SERVICES="nfs samba other"
        CTDB_LOGGING=file:/var/log/ctdb/log.ctdb
        CTDB_DEBUGLEVEL=ERR
        CTDB_NOSETSCHED=yes
        CTDB_CAPABILITY_LMASTER=yes
        CTDB_SET_KeepaliveInterval=3
        CTDB_SET_tdbmutexenabled=0
        CTDB_SET_VacuumLimit=7
        CTDB_SET_Nonsense=7
        CTDB_NATGW_NODES="/etc/ctdb/natgw nodes"
        CTDB_MAX_OPEN_FILES=10000
        CTDB_SUPPRESS_COREFILE=yes
        CTDB_SOCKET=/tmp/x
        CTDB_DBDIR=$BASE/db
        CTDB_WHAT=1
        ulimit -n 10000
        """

    @Test func everyVariableGoesWhereItBelongs() {
        let migration = Self.migrate(Self.whole)
        #expect(migration.files.map(\.name) == ["ctdb.conf", "ctdb.tunables", "script.options"])
        #expect(
            migration.files.map(\.text) == [
                """
                [logging]
                \t# CTDB_LOGGING, old:8
                \tlocation = file:/var/log/ctdb/log.ctdb
                \t# CTDB_DEBUGLEVEL, old:9
                \tlog level = ERROR

                [cluster]
                \t# CTDB_RECOVERY_LOCK, old:2
                \tcluster lock = /clusterfs/.ctdb/lock

                [database]
                \t# CTDB_SET_tdbmutexenabled, old:13
                \ttdb mutexes = false

                [legacy]
                \t# CTDB_NOSETSCHED, old:10
                \trealtime scheduling = false

                """,
                "# CTDB_SET_KeepaliveInterval, old:12\nKeepaliveInterval=3\n",
                "# CTDB_NATGW_NODES, old:16\nCTDB_NATGW_NODES='/etc/ctdb/natgw nodes'\n",
            ])
        #expect(
            migration.scripts.map { "\($0.name) \($0.origin.line)" } == [
                "50.samba 5", "60.nfs 7", "11.natgw 16",
            ])
        #expect(migration.steps.map(\.origin.line) == [4, 17, 18])
        #expect(
            summary(migration.leftovers) == [
                "7 error CTDB_MANAGED_SERVICES", "14 error CTDB_SET_VacuumLimit",
                "15 error CTDB_SET_Nonsense", "19 error CTDB_SOCKET", "20 error CTDB_DBDIR",
                "21 error CTDB_WHAT", "22 error",
            ])
    }

    @Test func whatIsMadeHasNoFaultItself() {
        for file in Self.migrate(Self.whole).files {
            let bytes = Array(file.text.utf8)
            switch file.name {
            case "ctdb.conf":
                #expect(ConfigurationCheck().ctdbConf(bytes, file: file.name) == [])
            case "ctdb.tunables":
                #expect(TunablesFile(parsing: bytes, file: file.name).complaints == [])
            default:
                #expect(ScriptOptionsFile(parsing: bytes, file: file.name).complaints == [])
            }
        }
    }

    @Test(arguments: [
        ("CTDB_DBDIR=tmpfs", "1 error CTDB_DBDIR"),
        ("CTDB_LOGGING=nowhere", "1 error CTDB_LOGGING"),
        ("CTDB_DEBUGLEVEL=LOUD", "1 error CTDB_DEBUGLEVEL"),
        ("CTDB_START_AS_STOPPED=true", "1 error CTDB_START_AS_STOPPED"),
        ("CTDB_SET_EnableBans=no", "1 error CTDB_SET_EnableBans"),
        ("CTDB_NODE_ADDRESS='10.0.0.1\n10.0.0.2'", "1 error CTDB_NODE_ADDRESS"),
        ("CTDB_RECOVERY_LOCK='/a\\'", "1 error CTDB_RECOVERY_LOCK"),
        ("CTDB_NODE_ADDRESS='10.0.0.1", "1 error"),
    ])
    func whatCannotBeTranslatedIsLeftOver(text: String, expected: String) {
        let migration = Self.migrate(text)
        #expect(summary(migration.leftovers) == [expected])
        #expect(migration.files == [])
    }

    @Test(arguments: [
        "CTDB_CAPABILITY_RECMASTER=yes", "CTDB_NOSETSCHED=no", "CTDB_RECOVERY_LOCK=",
        "CTDB_NODES=/etc/ctdb/nodes", "CTDB_SET_DisableIPFailover=0", "CTDB_MANAGES_NFS=no",
    ])
    func whatIsUsualNeedsNoLine(text: String) {
        let migration = Self.migrate(text)
        #expect(migration.files == [] && migration.leftovers == [] && migration.steps == [])
        #expect(migration.scripts == [])
    }

    @Test func theLastOfEqualVariablesCounts() {
        let migration = Migration(of: [
            ("a", Array("CTDB_LOGGING=syslog\n".utf8)),
            ("b", Array("\nCTDB_LOGGING=syslog:udp\n".utf8)),
        ])
        #expect(
            migration.files.map(\.text) == [
                "[logging]\n\t# CTDB_LOGGING, b:2\n\tlocation = syslog:udp\n"
            ])
        #expect(summary(migration.leftovers) == ["1 warning CTDB_LOGGING"])
        #expect(migration.leftovers.first?.file == "a")
    }
}
