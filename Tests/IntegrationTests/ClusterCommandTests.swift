// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Testing

extension LaboratoryTests {
    /// The command line against a real cluster.
    @Suite @MainActor
    struct CommandLines {
        /// Runs the command line on a node.
        static func run(
            _ node: Int, _ arguments: [String], within limit: Duration = .seconds(30)
        ) async throws -> (status: Int32, output: String, errors: String) {
            let cluster = try Cluster.current()
            return try await cluster.scratch.run(
                Places.command, arguments,
                environment: ["CTDB_SOCKET": cluster.legacySocket(node)], within: limit)
        }

        /// Runs a list through the command line.
        static func list(
            _ arguments: [String], _ lines: String
        ) async throws -> (status: Int32, output: String, errors: String) {
            let cluster = try Cluster.current()
            try cluster.scratch.write(Array(lines.utf8), to: "lines")
            return try await cluster.scratch.run(
                "/bin/bash",
                [
                    "-c", "exec \"$0\" \"$@\" < \(cluster.scratch.file("lines"))", Places.command,
                ] + arguments, environment: ["CTDB_SOCKET": cluster.legacySocket(0)],
                within: .seconds(40))
        }

        static func json(_ text: String) throws -> [String: Any] {
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
        }

        @Test("every verb that only looks answers in JSON")
        func json() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let lines = [
                "node pnn", "node list", "node status", "node show", "node uptime", "node ping",
                "cluster status", "cluster leader", "cluster vnnmap", "cluster generation",
                "cluster recovery-mode", "cluster lock", "ip list --node all",
                "ip interface list", "db list", "db status", "db show ctdb.tdb",
                "db statistics ctdb.tdb", "tunable list",
                "tunable get MonitorInterval --node all", "tunable check", "log level get",
                "statistics show", "statistics history", "version show", "diagnose",
                "proxy peers --run-directory \(cluster.runDirectory(0))",
                "proxy status --run-directory \(cluster.runDirectory(0))",
                "proxy counters --run-directory \(cluster.runDirectory(0))",
                "version list --run-directory \(cluster.runDirectory(0))",
                "node show all", "node runstate --node all", "service list",
            ]
            let (status, output, errors) = try await Self.list(
                ["--json"], lines.joined(separator: "\n"))
            #expect(status == 0, "\(output.suffix(2_000)) \(errors)")
            #expect(errors == "")
            let answers = try output.split(separator: "\n").map { try Self.json(String($0)) }
            try #require(answers.count == lines.count)
            for (line, answer) in zip(lines, answers) {
                let words = line.split(separator: " ").prefix { !$0.hasPrefix("-") }
                #expect(answer["ok"] as? Bool == true, "\(line): \(answer)")
                let schema = answer["schema"] as? String ?? ""
                #expect(schema.hasPrefix("ctdb.\(words[0])"), "\(line): \(schema)")
            }
            #expect(answers[0]["pnn"] as? Int == 0)
            #expect((answers[1]["nodes"] as? [Any])?.count == 3)
            // The proxies say which release the other nodes' ctdbd are.
            let versions = answers[lines.count - 4]["nodes"] as? [[String: Any]] ?? []
            #expect(versions.count == 3)
            for node in versions {
                #expect((node["ctdbd"] as? String)?.hasPrefix("4.") == true, "\(node)")
                #expect((node["proxy"] as? String)?.hasPrefix("ctdb-proxyd") == true, "\(node)")
            }
        }

        @Test("cluster status with a node cut off answers within its time limit")
        func cut() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            try await cluster.lab("cut", "2", "private")
            let began = ContinuousClock.now
            let (status, output, _) = try await Self.run(
                0, ["cluster", "status", "--json", "--timeout", "2"])
            #expect(ContinuousClock.now - began < .seconds(4))
            try await cluster.lab("heal", "2", "private")
            #expect(status == 3)
            let answer = try Self.json(output)
            let members = answer["members"] as? [[String: Any]] ?? []
            #expect(members.count == 3)
            #expect(members.first?["run_state"] as? String == "running")
            #expect(members.last?["problem"] is String)
            #expect(members.last?["run_state"] is NSNull)
            let problems = answer["problems"] as? [[String: Any]] ?? []
            #expect(problems.map { $0["node"] as? Int } == [2])
            #expect(problems.map { $0["kind"] as? String } == ["incomplete"])
        }

        @Test("ten thousand lines are added and taken away again")
        func lines() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let addresses = try await Self.run(0, ["ip", "list", "--porcelain"]).output
                .split(separator: "\n").map { String($0.split(separator: "\t")[0]) }
            try #require(!addresses.isEmpty)
            let ends = (0..<10_000).map {
                "10.99.\($0 / 250).\($0 % 250 + 1):\($0 + 1) "
                    + "\(addresses[$0 % addresses.count]):445\n"
            }
            let added = try await Self.list(["ip", "connection", "add"], ends.joined())
            #expect(added.status == 0, "\(added.errors.suffix(500))")
            var count = 0
            for address in addresses {
                count += try await Self.run(
                    0, ["ip", "connection", "list", address, "--porcelain"]
                ).output.split(separator: "\n").count
            }
            #expect(count == 10_000)
            let removed = try await Self.list(
                ["ip", "connection"], ends.map { "del \($0)" }.joined())
            #expect(removed.status == 0, "\(removed.errors.suffix(500))")
            let rest = try await Self.run(
                0, ["ip", "connection", "list", addresses[0], "--porcelain"])
            #expect(rest.output == "")
        }

        @Test("watching goes on until it is interrupted")
        func watch() async throws {
            let cluster = try Cluster.current()
            let child = try Child(
                Places.command, ["node", "status", "--watch", "1", "--json"],
                environment: ["CTDB_SOCKET": cluster.legacySocket(0)],
                directory: cluster.scratch.path)
            try await eventually("three looks") {
                child.output.split(separator: "\n").count >= 3
            }
            child.signal(SIGINT)
            #expect(try await child.end() == 128 + SIGINT)
            for line in child.output.split(separator: "\n").prefix(3) {
                #expect(try Self.json(String(line))["ok"] as? Bool == true)
            }
        }

        @Test("who may not talk to ctdbd is told what to do")
        func forbidden() async throws {
            let cluster = try Cluster.current()
            func asNobody(_ arguments: String...) async throws -> (Int32, String, String) {
                try await cluster.scratch.run(
                    "/usr/bin/setpriv",
                    ["--reuid=65534", "--regid=65534", "--clear-groups", Places.command]
                        + arguments,
                    environment: [
                        "CTDB_SOCKET": cluster.legacySocket(0), "CTDB_CLI_LEGACY": "native",
                    ])
            }
            guard try await asNobody("help").0 == 0 else {
                print("note: another user cannot run \(Places.command)")
                return
            }
            let (status, _, errors) = try await asNobody("node", "list")
            #expect(status == 4)
            #expect(errors.contains("only root may talk to ctdbd: use sudo"), "\(errors)")
            let (old, _, complaint) = try await asNobody("status")
            #expect(old == 1)
            #expect(complaint.contains("Failed to connect to CTDB daemon"), "\(complaint)")
        }

        @Test("records are stored, read, and changed together")
        func records() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            // Records are in files, which only the node's own processes see.
            func onNode(_ arguments: String) async throws -> String {
                try await cluster.lab(
                    "exec", "0", "/bin/bash", "-c",
                    arguments.replacingOccurrences(of: "ctdb ", with: "\(Places.command) "))
            }
            _ = try await onNode("ctdb db attach cli.tdb && ctdb db attach cli-p.tdb persistent")
            _ = try await onNode("ctdb db key set cli.tdb volatile 'a value'")
            let value = try await onNode("ctdb db key get cli.tdb volatile --porcelain")
            #expect(value.contains("value\ta value\n"))
            #expect(value.contains("key_hex\t766f6c6174696c65\n"))
            let changed = try await onNode(
                "printf 'set one 1\\nset two 2\\ndelete one\\n' | ctdb db transaction cli-p.tdb")
            #expect(changed == "3 records changed\n")
            let dump = try await onNode("ctdb db dump cli-p.tdb --porcelain | cut -f 1,2")
            #expect(dump.contains("two\t2\n"))
            #expect(!dump.contains("one"))
            let path = cluster.scratch.file("backup")
            #expect(try await onNode("ctdb db backup cli-p.tdb \(path)").hasSuffix("records\n"))
            _ = try await onNode("ctdb db wipe cli-p.tdb")
            #expect(try await onNode("ctdb db dump cli-p.tdb --porcelain") == "")
            _ = try await onNode("ctdb db restore \(path)")
            let restored = try await onNode("ctdb db dump cli-p.tdb --porcelain | cut -f 1,2")
            #expect(restored == dump)
        }

        @Test("a node is disabled and enabled, and the diagnosis says so")
        func changes() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            #expect(try await Self.run(0, ["node", "disable", "1"]).status == 0)
            let flags = try await Self.run(0, ["node", "list", "-n", "1", "--porcelain"])
            #expect(flags.output.contains("\tdisabled\t"))
            let diagnosis = try await Self.run(0, ["diagnose"])
            #expect(diagnosis.status == 1)
            #expect(diagnosis.output.contains("ctdb node enable 1"))
            #expect(try await Self.run(0, ["node", "enable", "1"]).status == 0)
        }

        @Test("a prompt completes, remembers and shows where one is")
        func prompt() async throws {
            let cluster = try Cluster.current()
            let history = cluster.scratch.file("history")
            let pipe = Pipe()
            let child = try Child(
                // Without exec a shell may stay between, and end by the Control-C itself.
                "/usr/bin/script", ["-q", "-e", "-c", "exec \(Places.command)", "/dev/null"],
                environment: [
                    "CTDB_SOCKET": cluster.legacySocket(0), "CTDB_HISTORY": history,
                    "TERM": "vt100",
                ], directory: cluster.scratch.path, input: pipe)
            func type(_ text: String, expecting answer: String) async throws {
                let before = child.output.count
                try pipe.fileHandleForWriting.write(contentsOf: Data(text.utf8))
                try await eventually("\(text.debugDescription) gives \(answer)") {
                    child.output.dropFirst(before).contains(answer)
                }
            }
            try await eventually("a prompt") { child.output.contains("ctdb [node 0]> ") }
            // A noun, a verb and a name of the cluster are completed.
            try await type("tuna\t\n", expecting: "ctdb [node 0] tunable> ")
            try await type("ge\tMonitorI\t\n", expecting: "VALUE")
            try await type("..\n", expecting: "ctdb [node 0]> ")
            try await type("db show ctd\t\n", expecting: "/ctdb.tdb.0")
            try await type("node pnnn\n", expecting: "did you mean pnn or ping?")
            try await type("help\n", expecting: "usage: ctdb NOUN")
            // Control-C ends what goes on, and not the prompt.
            try await type(
                "node pnn --watch 1\n", expecting: "every 1 s: ctdb node pnn --watch 1")
            try await type("\u{3}", expecting: "ctdb [node 0]> ")
            // What was typed can be typed again.
            try await type("\u{10}\u{10}\u{10}\u{10}\n", expecting: "/ctdb.tdb.0")
            try pipe.fileHandleForWriting.write(contentsOf: Data("exit\n".utf8))
            let status = try await child.end()
            #expect(status == 0, "it said \(child.output.suffix(600).debugDescription)")
            let kept = try String(contentsOfFile: history, encoding: .utf8)
            #expect(kept.contains("show"))
            let attributes = try FileManager.default.attributesOfItem(atPath: history)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }
}
