// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Testing

extension LaboratoryTests {
    /// What the event monitor finds reaches callbacks of the topic `service`.
    @Suite @MainActor
    struct ServiceCallbacks {
        private let cluster: Cluster
        private let config: String
        private let script: String
        private let sick: String

        init() async throws {
            cluster = try Cluster.current()
            config = cluster.scratch.file("services")
            sick = try await Self.path(cluster, "log") + "/sick"
            script =
                try await Self.path(cluster, "etc") + "/events/legacy/98.fragile.script"
            try await Self.write(
                """
                [ $1 = monitor -a -e /var/log/ctdb/sick ] || exit 0
                echo "it is sick"
                exit 7
                """, to: script, cluster)
            try FileManager.default.createDirectory(
                atPath: config + "/ctdb.conf.d", withIntermediateDirectories: true)
            let program = cluster.scratch.file("service-callback")
            try await Self.write(
                """
                echo "$CTDB_CHANGE_SUBJECT $CTDB_CHANGE_STATE $CTDB_CHANGE_DETAIL_SCRIPT \
                $CTDB_CHANGE_DETAIL_RESULT $CTDB_CHANGE_DETAIL_OUTPUT" >>\(record)
                """, to: program, cluster)
            let text = "[callback services]\nprogram = \(program)\non = service\n"
            try Data(text.utf8).write(
                to: URL(fileURLWithPath: config + "/ctdb.conf.d/services.conf"))
        }

        private var record: String { cluster.scratch.file("service-changes") }

        private static func path(_ cluster: Cluster, _ what: String) async throws -> String {
            try await cluster.lab("path", "0", what)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }

        private static func write(
            _ script: String, to path: String, _ cluster: Cluster
        ) async throws {
            try await cluster.scratch.writeProgram("#!/bin/sh\n\(script)\n", to: path)
        }

        /// What the callback was told of the fragile service.
        private var told: [String] {
            String(decoding: FileManager.default.contents(atPath: record) ?? Data(), as: UTF8.self)
                .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { $0.hasPrefix("fragile ") }
        }

        private func look(isSick: Bool) async throws {
            try? FileManager.default.removeItem(atPath: sick)
            if isSick { _ = FileManager.default.createFile(atPath: sick, contents: nil) }
            // A run that is cancelled finds nothing.
            try await eventually("monitor runs") {
                let answer = try await cluster.ctdb(0, "event", "run", "30", "monitor")
                return !answer.lowercased().contains("cancelled")
            }
        }

        private func wait(_ lines: [String]) async throws {
            do {
                try await eventually("the callback") { told == lines }
            } catch { throw Trouble("\(told) is not \(lines)") }
        }

        private func stage(_ words: String...) async throws -> String {
            try await cluster.run(
                on: 0,
                [Places.command, "stage"] + words + ["--run-directory", cluster.runDirectory(0)])
        }

        private func observer() throws -> Child {
            try cluster.start(
                on: 0,
                [
                    Places.products + "/ctdb-clusterd", "--config", config, "--run-directory",
                    cluster.runDirectory(0),
                ])
        }

        @Test("a service that fails and recovers is told once each, whoever runs monitor")
        func services() async throws {
            try await cluster.ready()
            var children = try (0..<Cluster.nodeCount).map { node in
                try cluster.start(
                    on: node,
                    [
                        Places.eventDaemon, "--service", "--run-directory",
                        cluster.runDirectory(node),
                    ])
            }
            children.append(try observer())
            do {
                try await follow(&children)
            } catch {
                try? await end(children)
                throw error
            }
            try await end(children)
        }

        /// Lets the service fail and recover; the observer is the last child.
        private func follow(_ children: inout [Child]) async throws {
            let healthy = "fragile healthy 98.fragile 0"
            let unhealthy = "fragile unhealthy 98.fragile 7 it is sick"

            // The event daemon of ctdbd runs it.
            try await look(isSick: false)
            try await wait([healthy])
            try await look(isSick: true)
            try await wait([healthy, unhealthy])
            try await look(isSick: true)
            try await look(isSick: false)
            try await wait([healthy, unhealthy, healthy])

            // Ours does.
            let steps = [("prepare", "shadow"), ("verify", "shadow"), ("switch", "native")]
            for (verb, stage) in steps {
                var said = ""
                do {
                    try await eventually(verb) {
                        said = try await self.stage(verb, "event", "--node", "0")
                        return said.contains("done      yes")
                    }
                    try await eventually(stage) {
                        said = try await self.stage("list", "--porcelain")
                        return said.contains("stages\tevent\t0\t\(stage)\t\(stage)\t")
                    }
                } catch { throw Trouble("\(error): \(said)") }
            }
            try await look(isSick: true)
            try await wait([healthy, unhealthy, healthy, unhealthy])

            // What happens while the observer is away reaches it when it is back. What it was
            // about to note as told may be told twice.
            let observer = children.removeLast()
            observer.signal(SIGKILL)
            _ = try? await observer.end()
            try await look(isSick: false)
            children.append(try self.observer())
            try await eventually("the last state") {
                [[healthy], [unhealthy, healthy]].contains(Array(told.dropFirst(4)))
            }
        }

        private func end(_ children: [Child]) async throws {
            _ = try await stage("reverse", "event")
            _ = try await stage("cancel", "event")
            for child in children { child.signal(SIGTERM) }
            for child in children { _ = try await child.end() }
            for path in [script, sick, record] {
                try? FileManager.default.removeItem(atPath: path)
            }
        }
    }
}
