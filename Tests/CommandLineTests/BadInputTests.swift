// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Testing
import Vocabulary

/// What people and programs get wrong.
@Suite struct BadInputTests {
    /// A command line, its exit code, and what the complaint has in it.
    @Test(
        arguments: [
            ("nodes", 2, "node"),
            ("statsu", 2, "status"),
            ("node lsit", 2, "list"),
            ("cluster stauts", 2, "status"),
            ("ip connection ad 1.2.3.4:1 1.2.3.4:2", 2, "add"),
            ("xyzzy", 2, "ctdb help"),
            ("node list --jsn", 2, "--json"),
            ("node list --timeout", 2, "--timeout"),
            ("node list --timeout soon", 2, "a number from 1"),
            ("node list --timeout 99999999999999999999", 2, "a number from 1"),
            ("node list extra", 2, "one word too many"),
            ("node list --node 0,x", 2, "numbers of nodes"),
            ("node list --node 4294967295", 2, "numbers of nodes"),
            ("node disable 1 --watch", 2, "only look"),
            ("explain stat", 2, "status"),
            ("ip show 10.0.0.256", 2, "an IPv4 or IPv6 address"),
            ("ip show 10.0.0.1:445", 2, "an IPv4 or IPv6 address"),
            ("ip add 10.0.0.1/33 eth0", 2, "prefix"),
            ("ip add 10.0.0.1 eth0", 2, "prefix"),
            ("ip add fd00::1/129 eth0", 2, "prefix"),
            ("ip connection add 10.0.0.1 10.0.0.2:445", 2, "an address and a port"),
            ("ip connection add 10.0.0.1:65536 10.0.0.2:445", 2, "an address and a port"),
            ("tunable set X 4294967296", 2, "a number from 0"),
            ("log level set LOUD", 2, "one of ERROR"),
            ("ip connection add 10.0.0.1:1 [fd00::1]:445", 2, "not of one family"),
            ("node ls", 2, "did you mean list?"),
            ("nodes", 2, "did you mean node list?"),
            ("ips", 2, "did you mean ip list?"),
            ("cluster uptime", 2, "uptime: node uptime"),
            ("tunable set", 2, "standard input is empty"),
            ("node ban", 2, "usage: ctdb node ban SECONDS [NODES]"),
            ("node", 2, "usage: ctdb node VERB"),
            ("config migrate /nope", 1, "/nope"),
            ("node list", 4, "systemctl start ctdb"),
            ("node list --socket /", 4, "--socket"),
        ] as [(String, Int32, String)])
    func aWrongLineSaysWhatIsRight(line: String, code: Int32, text: String) {
        let outcome = typed(line)
        #expect(outcome.code == code, "\(line): \(outcome)")
        #expect(outcome.output == "", "\(line)")
        #expect(outcome.errors.contains(text), "\(line): \(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count <= 1)
    }

    @Test func anErrorIsJSONForThoseWhoWantJSON() {
        for line in ["nodes --json", "node lsit --json", "node list --json"] {
            let outcome = typed(line)
            #expect(outcome.errors == "", "\(line)")
            #expect(outcome.output.hasPrefix("{\"schema\":\"ctdb.error/1\",\"ok\":false"))
            #expect(outcome.output.hasSuffix("}\n"))
        }
    }

    @Test func namesWithControlCharactersStayInTheirLine() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        for name in ["a\nb", "\u{1B}[2J", "\u{0}", String(repeating: "x", count: 100_000)] {
            let outcome = typed("tunable get \(name)", socket: daemon.path)
            #expect(outcome.code == 2)
            #expect(outcome.errors.split(separator: "\n").count == 1)
            #expect(outcome.errors.utf8.count < 400)
            #expect(!outcome.errors.contains("\u{1B}"))
        }
    }

    @Test func linesThatAreNoLinesAreReported() throws {
        let daemon = try FakeDaemon.cluster()
        defer { daemon.end() }
        let long = [UInt8](repeating: 0x61, count: 10_000_000)
        let outcome = typed(
            "ip connection add", socket: daemon.path,
            bytes: [
                Array("10.0.0.9:1 10.1.0.100:445\n".utf8), [0xC3, 0x28, 0x0A], long,
                Array("\n10.0.0.9:2 \"open\n10.0.0.9:3 [fd00::1]:445\n".utf8),
            ])
        #expect(outcome.code == 2)
        #expect(
            outcome.errors == """
                ctdb: line 2: the line is not UTF-8
                ctdb: line 3: a line of 10000000 bytes; the limit is 65536
                ctdb: line 4: a quote or a backslash at the end of the line is open
                ctdb: line 5: ip connection add: 10.0.0.9:3 and [fd00::1]:445 are not of one family
                ctdb: 4 of 5 lines failed

                """)
    }

    /// A reply that does not decode names the control, the node, the field and the offset.
    @Test(arguments: [[], [1], [0xFF, 0xFF, 0xFF, 0xFF], [9, 0, 0, 0, 1, 2]] as [[UInt8]])
    func aDamagedReplyIsAnError(bytes: [UInt8]) throws {
        let daemon = try FakeDaemon.cluster { request, _ in
            request == .getNodeMap ? .bytes(bytes) : nil
        }
        defer { daemon.end() }
        let outcome = typed("node list", socket: daemon.path)
        #expect(outcome.code == 1)
        for part in ["getNodeMap", "node 0", "NodeMap.num at byte"] {
            #expect(outcome.errors.contains(part), "\(outcome.errors)")
        }
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("::1", "::1"), ("[fd00::0001]", "fd00::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"), ("FD00:0:0:1:0:0:0:1", "fd00:0:0:1::1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("::", "::"), ("1::", "1::"),
    ])
    func addressesAreReadInAllSpellings(text: String, expected: String) {
        #expect(SocketAddress(text: text)?.text == expected)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.-4", ":", ":::", "1::2::3",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "g::1", "::12345", "[1.2.3.4]", "fe80::1%eth0",
        "1.2.3.4 ", "::1:", "1:2:3:4:5:6:7::8:9",
    ])
    func whatIsNoAddressIsNone(text: String) { #expect(SocketAddress(text: text) == nil) }

    @Test(arguments: [
        ("10.0.0.1:445", "10.0.0.1:445"), ("[fd00::1]:445", "[fd00::1]:445"),
        ("fd00::1:445", "[fd00::1]:445"),
    ])
    func portsAreRead(text: String, expected: String) {
        #expect(SocketAddress(textWithPort: text)?.textWithPort == expected)
    }
}
