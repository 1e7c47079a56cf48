// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Testing

extension LaboratoryTests {
    /// Records that several nodes change at once, and processes that die over it.
    @Suite @MainActor
    struct Records {
        /// Programs that add one again and again, a node each.
        private func adders(
            _ cluster: Cluster, _ database: String, count: Int, key: String = "counter",
            lasting: String? = nil, nodes: [Int] = [0, 1, 2]
        ) throws -> [Child] {
            try nodes.map { node in
                let command = [
                    Places.records, "increment", "--database", database, "--key", key, "--count",
                    "\(count)",
                ]
                let bound = lasting.map { ["timeout", "-s", "KILL", $0] } ?? []
                return try cluster.start(on: node, bound + command)
            }
        }

        /// Attaches a database of its own for a test, empty.
        private func database(
            _ cluster: Cluster, _ name: String, _ kind: String...
        ) async throws -> String {
            let name = "\(name)-\(cluster.newService()).tdb"
            _ = try await cluster.run(on: 0, ["ctdb", "attach", name] + kind)
            return name
        }

        private func number(
            _ cluster: Cluster, _ node: Int, _ name: String, _ key: String = "counter"
        ) async throws -> Int? {
            let text = try await cluster.ctdb(node, "pfetch", name, key)
            return Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
        }

        @Test("transactions from three nodes at once, and the installed tool's, lose nothing")
        func transactions() async throws {
            let cluster = try Cluster.current()
            try await cluster.lab("wait", "25")
            let name = try await database(cluster, "sum", "persistent")
            let children = try adders(cluster, name, count: 15)
            // The installed tool takes the same lock.
            for value in 1...4 {
                let said = try await cluster.ctdb(1, "pstore", name, "other", "\(value)")
                #expect(said == "")
            }
            for child in children {
                #expect(try await child.end(within: .seconds(20)) == 0, "\(child.errors)")
            }
            for node in 0..<3 {
                #expect(try await number(cluster, node, name) == 45)
                #expect(try await number(cluster, node, name, "counter.copy") == 45)
                #expect(try await number(cluster, node, name, "other") == 4)
            }
            // Nobody was told a number twice.
            let told = children.flatMap { $0.output.split(separator: "\n") }
            #expect(Set(told).count == 45)
            #expect(try await cluster.ctdb(0, "getdbseqnum", name) == "0x31\n")
        }

        @Test("a record that goes around between three nodes loses nothing")
        func migration() async throws {
            let cluster = try Cluster.current()
            let name = try await database(cluster, "round")
            let children = try adders(cluster, name, count: 300)
            for child in children {
                #expect(try await child.end(within: .seconds(20)) == 0, "\(child.errors)")
            }
            let seen = try await cluster.run(
                on: 1, [Places.records, "visit", "--database", name])
            #expect(seen == "counter=900\n1 records\n")
        }

        @Test("processes killed at any instant leave whole transactions and no lock")
        func killed() async throws {
            let cluster = try Cluster.current()
            let name = try await database(cluster, "killed", "persistent")
            var acknowledged = 0
            var killed = 0
            for round in 0..<6 {
                // Two die at the same time, one goes on; the instants are spread.
                let time = "0.\(210 + round * 23)"
                let dying = try adders(
                    cluster, name, count: 1000, lasting: time, nodes: [0, 1])
                let living = try adders(cluster, name, count: 3, nodes: [2])
                for child in dying { #expect(try await child.end() == 137) }
                for child in living {
                    #expect(try await child.end(within: .seconds(30)) == 0, "\(child.errors)")
                }
                killed += dying.count
                for child in dying + living {
                    acknowledged += child.output.split(separator: "\n").count
                }
            }
            let sum = try #require(try await number(cluster, 0, name))
            // What was told has happened; of each that was killed one more may have.
            #expect(sum >= acknowledged)
            #expect(sum <= acknowledged + killed)
            print(
                "\(acknowledged) transactions were told, \(sum) happened, \(killed) processes died")
            for node in 0..<3 {
                #expect(try await number(cluster, node, name) == sum)
                #expect(try await number(cluster, node, name, "counter.copy") == sum)
                let file = "/var/lib/ctdb/persistent/\(name).\(node)"
                let check = try await cluster.run(on: node, ["tdbtool", file, "check"])
                #expect(check.contains("integrity is OK"), "\(check)")
            }
        }

        @Test("recoveries in the middle of transactions lose nothing")
        func recoveries() async throws {
            let cluster = try Cluster.current()
            let name = try await database(cluster, "recovered", "persistent")
            let children = try adders(cluster, name, count: 12)
            for node in [0, 2] {
                try await cluster.ctdb(node, "recover")
            }
            for child in children {
                #expect(try await child.end(within: .seconds(40)) == 0, "\(child.errors)")
            }
            for node in 0..<3 { #expect(try await number(cluster, node, name) == 36) }
        }

        @Test("a database with deleted records is backed up, wiped and restored")
        func restored() async throws {
            let cluster = try Cluster.current()
            let name = try await database(cluster, "backup")
            for key in ["a", "b", "c"] {
                #expect(try await cluster.ctdb(0, "writekey", name, key, "1") == "")
            }
            for key in ["b", "c"] {
                #expect(try await cluster.ctdb(0, "deletekey", name, key) == "")
            }
            let file = cluster.scratch.file("backup")
            let records = [Places.records]
            let saved = try await cluster.run(
                on: 0, records + ["backup", "--database", name, file])
            #expect(saved.hasSuffix(" records\n"))
            // The installed tool reads it.
            #expect(try await cluster.ctdb(1, "dumpdbbackup", file).contains("key(1) = \"a\""))
            #expect(try await cluster.run(on: 0, records + ["wipe", "--database", name]) == "")
            let visit = records + ["visit", "--database", name]
            #expect(try await cluster.run(on: 2, visit) == "0 records\n")
            #expect(
                try await cluster.run(on: 0, records + ["restore", "--database", name, file])
                    == "")
            #expect(try await cluster.run(on: 2, visit) == "a=1\n1 records\n")
        }

        @Test("a persistent database is read where ctdbd is dead")
        func withoutDaemon() async throws {
            let cluster = try Cluster.current()
            let name = try await database(cluster, "local", "persistent")
            #expect(try await cluster.ctdb(0, "pstore", name, "stage", "shadow") == "")
            try await cluster.lab("kill", "2")
            let seen = try await cluster.run(
                on: 2, [Places.records, "local", "/var/lib/ctdb/persistent/\(name).2"])
            try await cluster.lab("start", "2")
            #expect(seen == "stage=shadow\nsequence number 1\n")
        }
    }
}
