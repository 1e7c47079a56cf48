// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CommandLine
import Testing

/// Which command lines are old, and which are new.
@Suite struct SpellingTests {
    static func spelling(_ line: String) -> Spelling {
        Spelling(of: line.split(separator: " ").map(String.init), in: .ctdb)
    }

    @Test(arguments: [
        "status", "-X ip all", "ip", "ip all", "-n 1 ip", "ip -v", "-n 1 getvar MonitorInterval",
        "event", "event status legacy monitor", "recmaster", "xpnn",
        "event run 30 legacy monitor",
        "event script list legacy", "event script enable legacy 10.interface",
        "event script disable legacy 10.interface", "version", "version --json", "statistics",
        "-Y status", "-x : status", "-t 5 -T 10 status", "--separator : status", "--help", "-?",
        "--usage", "status --json", "pnn", "addtickle", "-d 10 status", "--print-something",
        "natgw status", "reloadips all", "-T5 status", "-vt 5 status", "-Xn 1 pnn",
        "-vt5 status", "-Xvx : status", "version x", "-Y ip ALL", "-X nosuch", "-x : : listnodes",
        "--debug=ERR nosuch", "ip all all",
    ])
    func oldLinesStayOld(line: String) { #expect(Self.spelling(line) == .old, "\(line)") }

    @Test(arguments: [
        "node", "node list", "node --help", "ip list", "ip --help", "ip show 10.0.0.1",
        "ip connection add", "ip connection", "event status --json", "event status monitor",
        "event status", "event run", "event nonsense", "ip ALL", "statistics x",
        "event script list", "event script enable 10.interface", "event run monitor",
        "version show", "statistics show", "-n 1 node status", "--json cluster status",
        "--timeout 3 cluster status", "explain status", "help", "help node", "diagnose",
        "cluster recover", "tunable get X", "node bann 3", "db", "event --help",
        "event run --help", "-h", "--version", "--watch 2 node status", "node status --watch",
        "-vn 1 node status",
    ])
    func newLinesAreNew(line: String) { #expect(Self.spelling(line) == .new, "\(line)") }

    /// Who names a program for it means that program.
    @Test func aHelperForEventsTakesAnything() {
        for line in ["event", "event status", "event a b", "event script list"] {
            let words = line.split(separator: " ").map(String.init)
            #expect(Spelling(of: words, in: .ctdb, hasEventHelper: true) == .old, "\(line)")
        }
        #expect(
            Spelling(of: ["event", "status", "--json"], in: .ctdb, hasEventHelper: true) == .new)
        #expect(Spelling(of: ["node", "list"], in: .ctdb, hasEventHelper: true) == .new)
    }

    @Test func otherLinesAreNeither() {
        #expect(Self.spelling("") == .nothing)
        #expect(Self.spelling("--json --timeout 3") == .nothing)
        #expect(Self.spelling("-n 1") == .old)
        #expect(Self.spelling("nodes") == .unknown("nodes"))
        #expect(Self.spelling("-n 1 nodes list") == .unknown("nodes"))
    }
}
