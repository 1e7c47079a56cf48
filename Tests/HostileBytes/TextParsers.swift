// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import ClusterConfiguration
import CommandLine
import ConfigurationFormat
import Console
import LegacyWire
import Vocabulary

extension Parser {
    /// Those of text: configurations and what is typed.
    ///
    /// A text of many short lines is many values, each larger than its line; the length of a text
    /// is bounded.
    static let texts: [Parser] = [configurations, clusterFiles, addressTexts, lists]

    private static let allowance = Allowance(perByte: 256, constant: 262_144)

    /// Files in the format of ctdb.conf.
    static let configurations = Parser(
        "conf", allowance: allowance,
        seeds: { _ in
            [
                "[proxyd]\n\t# comment\n\tlog level = NOTICE\n log=  file:/x \n[a b]\nc=\n",
                "[cluster]\n    cluster lock = !/usr/bin/x y \"z\"\n[]\n[x\nname\n = value\n",
                "# only\n\n[x]\ny = 1M\nz = true\nz = no\n",
            ].map { Array($0.utf8) }
        },
        decode: { input -> Int? in
            let text = ConfigurationText(parsing: Array(input), source: "x.conf")
            _ = Configuration.problems(in: text)
            _ = Configuration.duplicates(in: [text, text])
            let configuration = try Configuration(parsing: Array(input), source: "x.conf")
            for key in ["log level", "y", "z"] {
                _ = configuration.string(key, in: "x")
                _ = try? configuration.bool(key, in: "x")
                _ = try? configuration.byteCount(key, in: "x", range: 0...1_000)
                _ = try? configuration.milliseconds(key, in: "x", range: 0...1_000)
            }
            return text.settings.count
        })

    /// The other files in /etc/ctdb: the first byte says which.
    static let clusterFiles = Parser(
        "cluster-file", allowance: allowance,
        seeds: { _ in
            [
                "\u{0}192.0.2.1\n# 192.0.2.2\n\n2001:db8::1\n",
                "\u{1}192.0.2.1/24 eth0,eth1\n2001:db8::1/64 eth1\n10.0.0.1\n",
                "\u{2}CTDB_SAMBA_SKIP=\"yes\"\nexport A='b c' # d\nB=$A\n",
                "\u{3}MonitorInterval=16\n# x\nNoSuch = 2\n",
                "\u{4}CTDB_RECOVERY_LOCK=/x/y\nif [ 1 ]; then\nA=`b`\nfi\n",
            ].map { Array($0.utf8) }
        },
        decode: { input -> Int? in
            guard let kind = input.first else { return nil }
            let bytes = Array(input.dropFirst())
            switch kind % 5 {
            case 0: _ = NodesFile(parsing: bytes, file: "nodes")
            case 1: _ = PublicAddressesFile(parsing: bytes, file: "public_addresses")
            case 2: _ = ScriptOptionsFile(parsing: bytes, file: "script.options")
            case 3: _ = TunablesFile(parsing: bytes, file: "ctdb.tunables")
            default: _ = ShellAssignments(parsing: bytes)
            }
            return bytes.count
        })

    /// Addresses as they are typed.
    static let addressTexts = Parser(
        "address-text",
        seeds: { _ in
            [
                "192.0.2.1", "2001:db8::1", "[2001:db8::1]:445", "192.0.2.1:445",
                "::ffff:192.0.2.1",
            ].map { Array($0.utf8) }
        },
        decode: { input -> SocketAddress? in
            let text = String(decoding: input, as: UTF8.self)
            return SocketAddress(textWithPort: text) ?? SocketAddress(text: text)
        },
        check: { address, _ in
            SocketAddress(textWithPort: address.textWithPort) == address
                ? nil : "another address when written and read again"
        })

    /// Lines of commands, in the pieces that a read returns.
    static let lists = Parser(
        "list", allowance: allowance,
        seeds: { _ in
            [
                "node pnn\ntunable set MonitorInterval 15\n# x\n'a b' \"c\\\"d\" e\\ f\n",
                "ip list --format json\nrecord fetch db 'key' --watch 2\nnode --help\n\u{0}\n",
                "ping\nnode stop 1 --dry-run\nx\ny z -- --a\nip move 192.0.2.1 2",
            ].map { Array($0.utf8) }
        },
        decode: { input -> Int? in
            var splitter = LineSplitter()
            var lines: [LineSplitter.Line] = []
            for start in stride(from: input.startIndex, to: input.endIndex, by: 100) {
                lines += splitter.append(Array(input[start..<min(start + 100, input.endIndex)]))
            }
            if let last = splitter.end() { lines.append(last) }
            for line in lines { _ = ListLine.request(of: line) }
            return lines.count
        })
}
