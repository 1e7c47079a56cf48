// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import Testing

/// What complaints say, with the file left out.
func summary(_ complaints: [Complaint]) -> [String] {
    complaints.map { one in
        let key = one.key.map { " \($0)" } ?? ""
        let nearest = one.nearest.map { " -> \($0)" } ?? ""
        return "\(one.line ?? 0) \(one.severity.rawValue)\(key)\(nearest)"
    }
}

@Suite struct ConfigurationCheckTests {
    static func check(
        _ text: String, look: ((String) -> PathTarget?)? = nil
    ) -> [Complaint] {
        ConfigurationCheck(look: look).ctdbConf(Array(text.utf8), file: "ctdb.conf")
    }

    @Test func whatADistributionInstallsHasNoFault() {
        let text = """
            # A file as packages bring it

            [logging]
            \t# where to
            \tlocation = syslog

            \tlog level = NOTICE

            [cluster]
            \t# cluster lock = !/bin/false CLUSTER LOCK NOT CONFIGURED
            """
        #expect(Self.check(text) == [])
        #expect(Self.check("") == [])
    }

    @Test func everySettingWithASensibleValueIsAccepted() {
        let text = """
            [logging]
            location = file:/var/log/ctdb/other
            log level = info
            [Cluster]
            transport = tcp
            node address = fd00::1
            cluster lock = !/usr/libexec/ctdb/ctdb_mutex_fcntl_helper /clusterfs/lock
            leader timeout = 0x10
            leader capability = No
            [database]
            volatile database directory = /tmp
            persistent database directory = /tmp
            state database directory = /tmp
            lock debug script = debug_locks.sh
            tdb mutexes = yes
            [event]
            debug script = debug-hung-script.sh
            [failover]
            disabled = TRUE
            [legacy]
            realtime scheduling = false
            lmaster capability = false
            start as stopped = true
            start as disabled = true
            script log level = 10
            """
        let found = Self.check(text) { path in
            path.hasSuffix(".sh") ? .file(isExecutable: true) : .folder
        }
        #expect(found == [])
        let settings = ConfigurationSchema.ctdbd.sections.flatMap(\.settings)
        #expect(settings.count == 20)
    }

    @Test(arguments: [
        ("[cluster]\ncluster lokc = /a", "2 error cluster lokc -> cluster lock"),
        ("[clutser]\na = 1", "1 error [clutser] -> [cluster]"),
        ("[ cluster ]", "1 error [ cluster ] -> [cluster]"),
        ("[cluster]\nCluster Lock = /a", "2 error Cluster Lock -> cluster lock"),
        ("[cluster]\nrecovery lock = /a", "2 warning recovery lock"),
        ("[cluster]\ntransport = ib", "2 error transport"),
        ("[cluster]\nnode address = 10.0.0.1:4379", "2 error node address"),
        ("[cluster]\nnode address = [fd00::1]", "2 error node address"),
        ("[cluster]\nnode address = 010.0.0.1", "2 error node address"),
        ("[cluster]\ncluster lock = lock", "2 error cluster lock"),
        ("[cluster]\ncluster lock = !", "2 error cluster lock"),
        ("[cluster]\ncluster lock = !helper", "2 warning cluster lock"),
        ("[cluster]\ncluster lock = !/bin/false X", "2 warning cluster lock"),
        ("[cluster]\nleader timeout = 0", "2 error leader timeout"),
        ("[cluster]\nleader timeout = -1", "2 error leader timeout"),
        ("[cluster]\nleader timeout = 5s", "2 error leader timeout"),
        ("[cluster]\nleader timeout = 2147483648", "2 error leader timeout"),
        ("[cluster]\nleader capability = 1", "2 error leader capability"),
        ("[cluster]\nleader capability =", "2 error leader capability"),
        ("[cluster]\nleader capability", "2 error"),
        ("[logging]\nlocation = fle:/x", "2 error location"),
        ("[logging]\nlocation = syslog:tcp", "2 error location"),
        ("[logging]\nlocation = file:", "2 warning location"),
        ("[logging]\nlocation = file:x", "2 warning location"),
        ("[logging]\nlog level = 11", "2 error log level"),
        ("[logging]\nlog level = LOUD", "2 error log level"),
        ("[logging]\nlog level = WARN", "2 warning log level"),
        ("[logging]\nlevel = debug", "2 error level"),
        ("[proxy]\nheld limit = 1M", "1 error [proxy]"),
        ("[failover]\ndisabled = maybe", "2 error disabled"),
        ("[failover\ndisabled = true", "1 error"),
        ("[failover]\ndisabled = no\n[failover]\ndisabled = yes", "4 error disabled"),
        ("disabled = true", "1 error"),
    ])
    func aFaultIsNamedWithItsLine(text: String, expected: String) {
        #expect(summary(Self.check(text)).contains(expected), "\(Self.check(text))")
    }

    @Test func aFaultIsTheOnlyComplaint() {
        #expect(
            Self.check("[cluster]\ncluster lokc = /a").map(\.description) == [
                "ctdb.conf:2: error: cluster lokc: unknown setting in [cluster]; "
                    + "did you mean cluster lock?"
            ])
        #expect(
            Self.check("[logging]\nlevel = debug").map(\.description) == [
                "ctdb.conf:2: error: level: ctdbd does not know it: it belongs in ctdb.conf.d"
            ])
    }

    @Test func pathsAreLookedAt() {
        let text = """
            [logging]
            location = file:/none/log
            [database]
            volatile database directory = /none
            state database directory = /var/lib/ctdb/state
            lock debug script = /elsewhere/plain.sh
            [event]
            debug script = none.sh
            """
        let found = Self.check(text) { $0 == "plain.sh" ? .file(isExecutable: false) : nil }
        #expect(
            summary(found) == [
                "2 error location", "4 error volatile database directory",
                "6 error lock debug script", "8 error debug script",
            ])
    }

    @Test func theFolderIsCheckedAsAWhole() {
        let found = ConfigurationCheck().folder([
            ("10.conf", Array("[logging]\nlevel = loud\n[proxy]\nheld limit = 1\n".utf8)),
            (
                "20.conf",
                Array(
                    """
                    [proxy]
                    held limit = 2M
                    drain timeot = 1s
                    user ids =
                    realtime scheduling = 1
                    drain timeout = 2h
                    [cluster]
                    [prxy]
                    """.utf8)
            ),
        ])
        #expect(
            found.map { "\($0.file) " + (summary([$0]).first ?? "") } == [
                "10.conf 2 error level", "10.conf 4 error held limit",
                "20.conf 2 error held limit",
                "20.conf 3 error drain timeot -> drain timeout",
                "20.conf 6 error drain timeout", "20.conf 7 error [cluster]",
                "20.conf 8 error [prxy] -> [proxy]",
            ])
        #expect(found[2].what == "held limit is in 10.conf, line 4 already")
    }

    @Test func randomBytesNeverTrap() {
        var generator = SystemRandomNumberGenerator()
        let alphabet =
            Array("[]=# \n\r\t\\;\0\u{FF}".utf8) + [0x80, 0xFF]
            + Array("cluster lock = ! [logging]".utf8)
        for _ in 0..<3000 {
            let count = Int.random(in: 0..<60, using: &generator)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            for one in ConfigurationCheck().ctdbConf(bytes, file: "c") {
                #expect((one.line ?? 0) > 0)
            }
            _ = NodesFile(parsing: bytes, file: "n")
            _ = PublicAddressesFile(parsing: bytes, file: "p")
            _ = TunablesFile(parsing: bytes, file: "t")
            _ = ScriptOptionsFile(parsing: bytes, file: "s")
            _ = Migration(of: [("m", bytes)])
        }
    }
}
