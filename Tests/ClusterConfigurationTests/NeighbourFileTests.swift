// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterConfiguration
import LegacyWire
import Testing

@Suite struct NodesFileTests {
    static func read(_ text: String) -> NodesFile {
        NodesFile(parsing: Array(text.utf8), file: "nodes")
    }

    @Test func addressesAndDeletedNodesHaveTheirNumbers() {
        let file = Self.read("10.0.0.1\n\n  fd00::2\t\r\n#10.0.0.3\n10.0.0.4")
        #expect(file.complaints == [])
        #expect(file.nodes.map(\.number) == [0, 1, 2, 3])
        #expect(file.nodes.map { $0.address?.text } == ["10.0.0.1", "fd00::2", nil, "10.0.0.4"])
        #expect(file.nodes.map(\.line) == [1, 3, 4, 5])
    }

    @Test(arguments: [
        ("10.0.0.1\n10.0.0.1", ["2 error 10.0.0.1"]),
        ("10.0.0.1\n::ffff:10.0.0.1", ["2 error ::ffff:10.0.0.1"]),
        ("10.0.0.1/24", ["0 error", "1 error 10.0.0.1/24"]),
        ("10.0.0.1\n10.0.0.256\nname", ["2 error 10.0.0.256", "3 error name"]),
        ("10.0.0.1 # node 0\n10.0.0.2", ["1 error 10.0.0.1 # node 0"]),
        ("# our nodes\n10.0.0.1", ["1 warning"]),
        ("10.0.0.1\n0.0.0.0", ["2 error 0.0.0.0"]),
        ("", ["0 error"]),
        ("#10.0.0.1\n", ["0 error"]),
        ("10.0.0.1\n10.\u{0}0.0.2", ["2 error"]),
    ])
    func aFaultIsNamedWithItsLine(text: String, expected: [String]) {
        #expect(summary(Self.read(text).complaints) == expected)
    }

    @Test func whatIsNotTextIsNamed() {
        let bytes = Array("10.0.0.1\n".utf8) + [0xFF, 0xFE, 10] + Array("10.0.0.1\u{1}".utf8)
        #expect(
            summary(NodesFile(parsing: bytes, file: "n").complaints) == ["2 error", "3 error"])
    }

    @Test func aLineOfTenMegabytesIsNamedInShort() {
        let file = Self.read("10.0.0.1\n" + String(repeating: "9", count: 10 << 20))
        #expect(file.complaints.count == 1)
        #expect(file.complaints.first?.key?.count == 80)
    }
}

@Suite struct PublicAddressesFileTests {
    static func read(_ text: String, nodes: String = "") -> PublicAddressesFile {
        PublicAddressesFile(
            parsing: Array(text.utf8), file: "p",
            nodes: NodesFile(parsing: Array(nodes.utf8), file: "n"))
    }

    @Test func addressesAreRead() {
        let file = Self.read("# served\n10.1.0.1/24 eth1\n\n fd00::1/64\teth1,eth2\r\n")
        #expect(file.complaints == [])
        #expect(file.entries.map(\.prefix) == [24, 64])
        #expect(file.entries.map(\.interfaces) == [["eth1"], ["eth1", "eth2"]])
        #expect(file.entries.map(\.line) == [2, 4])
    }

    @Test(arguments: [
        ("10.1.0.1 eth1", "1 error 10.1.0.1"),
        ("10.1.0.1/33 eth1", "1 error 10.1.0.1/33"),
        ("10.1.0.1/0 eth1", "1 error 10.1.0.1/0"),
        ("10.1.0.1/99999999999999999999 eth1", "1 error 10.1.0.1/99999999999999999999"),
        ("fd00::1/129 eth1", "1 error fd00::1/129"),
        ("10.1.0.1/24", "1 error 10.1.0.1/24"),
        ("10.1.0.1/24 eth1 eth2", "1 warning 10.1.0.1/24"),
        ("10.1.0.1/24 eth1,,eth2", "1 error 10.1.0.1/24"),
        ("10.1.0.1/24 anameofsixteench", "1 error 10.1.0.1/24"),
        ("10.1.0.1/24 a/b", "1 error 10.1.0.1/24"),
        ("10.1.0.1/24 eth1,eth1", "1 warning 10.1.0.1/24"),
        ("10.1.0.1/24 a\n10.1.0.1/16 b", "2 error 10.1.0.1/16"),
        ("10.0.0.2/24 eth1", "1 error 10.0.0.2/24"),
    ])
    func aFaultIsNamedWithItsLine(text: String, expected: String) {
        let found = Self.read(text, nodes: "10.0.0.1\n10.0.0.2").complaints
        #expect(summary(found) == [expected], "\(found)")
    }
}

@Suite struct TunablesFileTests {
    static func read(_ text: String) -> TunablesFile {
        TunablesFile(parsing: Array(text.utf8), file: "t")
    }

    @Test func tunablesAreReadAsCtdbdReadsThem() {
        let file = Self.read(
            "# tuned\nKeepaliveInterval=3\nmonitorinterval = 0x10\nRecoverInterval=010")
        #expect(file.complaints == [])
        #expect(
            file.entries.map(\.name) == ["KeepaliveInterval", "MonitorInterval", "RecoverInterval"])
        #expect(file.entries.map(\.value) == [3, 16, 8])
        #expect(TunablesFile.usual.count + TunablesFile.obsolete.count == 62)
        #expect(TunablesFile.usual["DBSizeWarn"] == 100_000_000)
    }

    @Test(arguments: [
        ("KeepAliveIntervall=3", "1 error KeepAliveIntervall -> KeepaliveInterval"),
        ("VacuumLimit=3", "1 error VacuumLimit"),
        ("EnableBans=", "1 error EnableBans"),
        ("EnableBans", "1 error EnableBans"),
        ("EnableBans=yes", "1 error EnableBans"),
        ("EnableBans=-1", "1 error EnableBans"),
        ("EnableBans=+1", "1 error EnableBans"),
        ("EnableBans=08", "1 error EnableBans"),
        ("EnableBans=4294967296", "1 error EnableBans"),
        ("EnableBans=1\nenablebans=0", "2 error enablebans"),
        ("[tunables]", "1 error [tunables]"),
        ("=1", "1 error"),
    ])
    func aFaultIsNamedWithItsLine(text: String, expected: String) {
        #expect(summary(Self.read(text).complaints) == [expected])
    }
}

@Suite struct ScriptOptionsFileTests {
    static func complaints(_ text: String) -> [Complaint] {
        ScriptOptionsFile(parsing: Array(text.utf8), file: "s").complaints
    }

    @Test func whatADistributionInstallsHasNoFault() {
        #expect(
            Self.complaints("# options\n\n#\n# CTDB_X=yes\nCTDB_RPCINFO_LOCALHOST=\"127.0.0.1\"\n")
                == [])
        #expect(
            Self.complaints(
                "CTDB_SAMBA_SKIP_SHARE_CHECK=yes # why\nMY_OWN=1\nCTDB_NFS_CALLOUT=\"$HOME/x\"")
                == [])
    }

    @Test(
        arguments: [
            (
                "CTDB_SAMBA_SKIP_SHARE_CHEK=yes",
                "1 warning CTDB_SAMBA_SKIP_SHARE_CHEK -> CTDB_SAMBA_SKIP_SHARE_CHECK"
            ),
            ("CTDB_SAMBA_SKIP_SHARE_CHECK=true", "1 error CTDB_SAMBA_SKIP_SHARE_CHECK"),
            ("CTDB_MAX_CORRUPT_DB_BACKUPS=ten", "1 error CTDB_MAX_CORRUPT_DB_BACKUPS"),
            ("CTDB_NODE_ADDRESS=10.0.0.1", "1 error CTDB_NODE_ADDRESS"),
            ("CTDB_SET_EnableBans=0", "1 error CTDB_SET_EnableBans"),
            ("CTDB_LVS_NODES =x", "1 error CTDB_LVS_NODES"),
            ("CTDB_LVS_NODES= x", "1 error"),
            ("\nCTDB_LVS_NODES=\"x\n", "2 error"),
            ("CTDB_LVS_NODES=x\nCTDB_LVS_NODES=y", "2 warning CTDB_LVS_NODES"),
            ("ulimit -n 10", "1 warning"),
        ] as [(String, String)])
    func aFaultIsNamedWithItsLine(text: String, expected: String) {
        #expect(summary(Self.complaints(text)) == [expected], "\(Self.complaints(text))")
    }
}

@Suite struct ShellAssignmentsTests {
    static func read(_ text: String) -> ShellAssignments {
        ShellAssignments(parsing: Array(text.utf8))
    }

    @Test(arguments: [
        ("A=b", "b"), ("A=", ""), ("  export A=b", "b"), ("A='b c'", "b c"),
        ("A=\"b 'c' \\\"d\\\" \\n\"", "b 'c' \"d\" \\n"), ("A=b\\ c", "b c"),
        ("A=b#c", "b#c"), ("A=b # c", "b"), ("A='b'\"c\"d", "bcd"), ("A=b;", "b"),
        ("A=b\\\nc", "bc"), ("A='b\nc'", "b\nc"), ("A=b\r", "b"), ("A='$b'", "$b"),
    ])
    func valuesAreThoseOfTheShell(text: String, value: String) {
        let found = Self.read(text + "\nZ=1")
        #expect(found.assignments.map(\.value) == [value, "1"])
        #expect(found.assignments.map(\.name) == ["A", "Z"])
        #expect(found.assignments.map(\.isExpanded) == [false, false])
        #expect(found.others == [])
    }

    @Test(arguments: ["A=$b", "A=\"${b}\"", "A=`b`", "A=\"x$(b)\""])
    func whatTheShellReplacesIsMarked(text: String) {
        let found = Self.read(text)
        #expect(
            found.assignments.map(\.isExpanded) == [true]
                || found.others.count == 1)
    }

    @Test func theRestIsKeptWithItsLine() {
        let found = Self.read("A='b\nc'\nulimit -c 0\nif x; then\nB=1 command\n1A=2\nC='d\nE=1")
        #expect(found.assignments.map(\.name) == ["A", "E"])
        #expect(found.others.map(\.line) == [3, 4, 5, 6, 7])
        #expect(
            found.others.map(\.fault) == [nil, nil, nil, nil, "a quote is not closed"])
    }
}
