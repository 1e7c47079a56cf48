// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Foundation
import Glibc
import Sockets
import Testing

/// How long something may take while tests that never wait use all processors.
private let lateness = Duration.seconds(240)

/// Runs the callbacks that ship, as ctdb-clusterd does.
@MainActor
final class CallbackDesk {
    static let folder =
        URL(fileURLWithPath: Places.legacy).deletingLastPathComponent().path
        + "/Sources/ctdb-clusterd/callbacks"

    let scratchFolder: DeepScratch
    var scratch: ScratchDirectory { scratchFolder.directory }
    let name: String

    init(_ name: String, settings: String) throws {
        scratchFolder = try DeepScratch()
        self.name = name
        try scratch.write(Array(settings.utf8), to: "\(name).conf")
    }

    var environment: [String: String] {
        ["CTDB_CALLBACK_SETTINGS": scratch.path, "CTDB_CALLBACK_MEMORY": scratch.file("memory")]
    }

    /// What a run printed, and how it ended.
    func run(_ arguments: [String], _ more: [String: String] = [:]) async throws
        -> (status: Int32, output: String)
    {
        let (status, output, errors) = try await scratch.run(
            "\(Self.folder)/\(name)", arguments,
            environment: environment.merging(more) { $1 }, within: lateness)
        return (status, output + errors)
    }

    /// Tells of a change, as seen on a node.
    @discardableResult
    func tell(_ topic: String, _ subject: String, _ state: String, on node: Int = 0) async throws
        -> (status: Int32, output: String)
    {
        try await run(
            [],
            [
                "CTDB_CHANGE_TOPIC": topic, "CTDB_CHANGE_SUBJECT": subject,
                "CTDB_CHANGE_STATE": state, "CTDB_CHANGE_NODE": "\(node)",
                "CTDB_CHANGE_DETAIL_ADDRESS": "10.0.0.\((Int(subject) ?? 0) + 1)",
            ])
    }

    func text(_ file: String) -> String {
        (try? String(contentsOfFile: scratch.file(file), encoding: .utf8)) ?? ""
    }
}

/// What is needed for load balancers.
enum LoadBalancers {
    static var missing: [String] {
        let programs = ["/usr/sbin/haproxy", "/usr/sbin/keepalived", "/usr/bin/socat"]
        return programs.filter { !Places.isProgram($0) } + (geteuid() == 0 ? [] : ["root"])
    }
    static var isPossible: Bool { missing.isEmpty }
    static var reason: Comment {
        Comment(rawValue: "needs \(missing.joined(separator: ", "))")
    }
}

/// The load balancers that callbacks tell of nodes: the real programs.
@MainActor
@Suite(.serialized, .enabled(if: LoadBalancers.isPossible, LoadBalancers.reason))
struct LoadBalancerTests {
    // MARK: HAProxy

    /// A HAProxy in a namespace of its own, with two servers that say their names.
    @MainActor
    final class HAProxy {
        let desk: CallbackDesk
        let child: Child

        init(stateFile: Bool) async throws {
            desk = try CallbackDesk("haproxy", settings: "")
            let socket = desk.scratch.file("admin.sock")
            let states = desk.scratch.file("states")
            var settings = "socket=\(socket)\ninterval=0.1\n"
            if stateFile { settings += "state_file=\(states)\n" }
            try desk.scratch.write(Array(settings.utf8), to: "haproxy.conf")
            let more = ["server-state-file \(states)", "load-server-state-from-file global"]
            let configuration = """
                global
                    stats socket \(socket) mode 600 level admin expose-fd listeners
                    \(stateFile ? more[0] : "")
                defaults
                    mode http
                    timeout connect 5s
                    timeout client 5s
                    timeout server 5s
                    \(stateFile ? more[1] : "")
                frontend node0
                    bind 127.0.0.1:9000
                    http-request return status 200 content-type text/plain string node0
                frontend node1
                    bind 127.0.0.1:9001
                    http-request return status 200 content-type text/plain string node1
                frontend clients
                    bind 127.0.0.1:8080
                    default_backend ctdb
                backend ctdb
                    balance roundrobin
                    server node0 127.0.0.1:9000
                    server node1 127.0.0.1:9001

                """
            try desk.scratch.write([], to: "states")
            try desk.scratch.write(Array(configuration.utf8), to: "haproxy.cfg")
            child = try Child(
                "/usr/bin/unshare",
                [
                    "--net", "--", "/bin/sh", "-c",
                    "ip link set lo up && exec haproxy -W -db -f $0/haproxy.cfg",
                    desk.scratch.path,
                ], directory: desk.scratch.path)
            try await eventually("HAProxy answers", within: lateness) {
                try await ask("show info").contains("Pid:")
            }
        }

        func ask(_ command: String) async throws -> String {
            let (_, output, _) = try await desk.scratch.run(
                "/bin/sh",
                [
                    "-c", "echo \"$1\" | socat -t 5 - \"UNIX-CONNECT:$0\"",
                    desk.scratch.file("admin.sock"), command,
                ], within: lateness)
            return output
        }

        /// What the administrator has said of each server: 0 ready, 1 maint, 8 drain.
        func states() async throws -> [String: String] {
            var states: [String: String] = [:]
            for line in try await ask("show servers state").split(separator: "\n") {
                let words = line.split(separator: " ")
                if words.count > 6, words[1] == "ctdb" {
                    states[String(words[3])] = String(words[6])
                }
            }
            return states
        }

        /// Who answers so many clients.
        func answers(_ count: Int) async throws -> Set<String> {
            var found: Set<String> = []
            for _ in 0..<count {
                let (_, output, _) = try await desk.scratch.run(
                    "/usr/bin/nsenter",
                    [
                        "--net=/proc/\(child.pid)/ns/net", "/bin/sh", "-c",
                        "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | socat -t 5 - TCP:127.0.0.1:8080",
                    ], within: lateness)
                found.insert(String(output.suffix(5)))
            }
            return found
        }

        /// Has it read its configuration again, and waits for the process that does.
        func reload() async throws {
            let worker = try await ask("show info").split(separator: "\n").first {
                $0.hasPrefix("Pid:")
            }
            var looks = 0
            try await eventually("another process", within: lateness) {
                // One that comes while an earlier reload is not quite over is lost.
                if looks % 100 == 0 { child.signal(SIGUSR2) }
                looks += 1
                let now = try await ask("show info")
                return now.contains("Pid:")
                    && !now.split(separator: "\n").contains {
                        $0 == worker ?? ""
                    }
            }
        }

        func end() async throws {
            child.signal(SIGTERM)
            _ = try await child.end()
        }
    }

    @Test func haproxySendsNobodyWhereNobodyIsToGo() async throws {
        let proxy = try await HAProxy(stateFile: false)
        #expect(try await proxy.desk.tell("node", "0", "ok").status == 0)
        #expect(try await proxy.desk.tell("node", "1", "ok").status == 0)
        #expect(try await proxy.answers(6) == ["node0", "node1"])
        for (state, word) in [
            ("unhealthy", "8"), ("disabled", "8"), ("banned", "1"), ("disconnected", "1"),
            ("down", "1"), ("stopped", "1"),
        ] {
            #expect(try await proxy.desk.tell("node", "1", state).status == 0)
            #expect(try await proxy.states() == ["node0": "0", "node1": word], "\(state)")
        }
        #expect(try await proxy.answers(6) == ["node0"])
        #expect(try await proxy.desk.tell("node", "1", "ok").status == 0)
        #expect(try await proxy.answers(6) == ["node0", "node1"])

        // What HAProxy does not know is an error, and no other is kept from being told.
        let unknown = try await proxy.desk.tell("node", "7", "ok")
        #expect(unknown.status == 1)
        #expect(unknown.output.contains("No such server"))
        #expect(try await proxy.desk.tell("node", "1", "unhealthy").status == 0)
        #expect(try await proxy.desk.run(["--apply"]).status == 1)
        #expect(try await proxy.states() == ["node0": "0", "node1": "8"])
        #expect(try await proxy.desk.tell("address", "10.0.0.9", "taken").status == 1)
        try await proxy.end()
        let gone = try await proxy.desk.tell("node", "1", "ok")
        #expect(gone.status == 1)
        #expect(gone.output.contains("HAProxy is not there"))
    }

    @Test func haproxyIsToldAgainWhenItHasForgotten() async throws {
        let proxy = try await HAProxy(stateFile: false)
        try await proxy.desk.tell("node", "0", "ok")
        try await proxy.desk.tell("node", "1", "disabled")
        try await proxy.reload()
        #expect(try await proxy.states() == ["node0": "0", "node1": "0"], "it forgets")
        #expect(try await proxy.desk.run(["--apply"]).status == 0)
        #expect(try await proxy.states() == ["node0": "0", "node1": "8"])

        let watch = try Child(
            "\(CallbackDesk.folder)/haproxy", ["--watch"], environment: proxy.desk.environment,
            directory: proxy.desk.scratch.path)
        for _ in 0..<2 {
            try await proxy.reload()
            try await eventually("the watch", within: lateness) {
                try await proxy.states() == ["node0": "0", "node1": "8"]
            }
        }
        try await watch.kill()
        try await proxy.end()
    }

    @Test func haproxyReadsItsStatesAtAReload() async throws {
        let proxy = try await HAProxy(stateFile: true)
        try await proxy.desk.tell("node", "0", "unhealthy")
        try await proxy.desk.tell("node", "1", "banned")
        try await proxy.reload()
        #expect(try await proxy.states() == ["node0": "8", "node1": "1"])
        try await proxy.desk.tell("node", "1", "ok")
        try await proxy.reload()
        #expect(try await proxy.states() == ["node0": "8", "node1": "0"])
        try await proxy.end()
    }

    // MARK: keepalived

    private func keepalived() throws -> CallbackDesk {
        let desk = try CallbackDesk("keepalived", settings: "")
        let settings = """
            services='192.0.2.10:445 [fd00::10]:2049'
            output=\(desk.scratch.file("ctdb.inc"))
            main=\(desk.scratch.file("main.conf"))
            pid_file=\(desk.scratch.file("keepalived.pid"))
            real_server() {
                case $service in \\[*) echo "fd00::$(($1 + 1))" ;; *) echo "$2" ;; esac
            }

            """
        try desk.scratch.write(Array(settings.utf8), to: "keepalived.conf")
        let main =
            "global_defs {\n    router_id test\n}\ninclude \(desk.scratch.file("ctdb.inc"))\n"
        try desk.scratch.write(Array(main.utf8), to: "main.conf")
        return desk
    }

    /// The real servers in a configuration: address and weight.
    private func servers(_ text: String) -> [String] {
        let lines = text.split(separator: "\n").map {
            $0.split(separator: " ").joined(separator: " ")
        }
        return zip(lines, lines.dropFirst()).filter { $0.0.hasPrefix("real_server") }.map {
            "\($0.0.dropFirst(12).dropLast(2)) \($0.1.dropFirst(7))"
        }
    }

    @Test func keepalivedGetsAConfigurationThatItAccepts() async throws {
        let desk = try keepalived()
        #expect(try await desk.tell("node", "0", "ok").status == 0)
        #expect(try await desk.tell("node", "1", "unhealthy").status == 0)
        #expect(try await desk.tell("node", "2", "banned").status == 0)
        let text = desk.text("ctdb.inc")
        #expect(
            servers(text) == [
                "10.0.0.1 445 1", "10.0.0.2 445 0", "fd00::1 2049 1", "fd00::2 2049 0",
            ])
        let check = try await desk.scratch.run(
            "/usr/sbin/keepalived",
            ["--config-test", "--use-file", desk.scratch.file("main.conf")],
            within: lateness)
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        #expect(try await desk.run(["--print"]).output == text)

        // A service that no node is to serve is none: keepalived would not accept it.
        #expect(try await desk.tell("node", "0", "disconnected").status == 0)
        #expect(servers(desk.text("ctdb.inc")).isEmpty)
        #expect(desk.text("ctdb.inc").contains("# No node is to get connections to 192.0.2.10:445"))
    }

    @Test func keepalivedIsToldOfChangesOnly() async throws {
        let desk = try keepalived()
        let process = try Child(
            "/bin/sh",
            [
                "-c",
                "trap 'echo told' HUP; echo $$ >$0/keepalived.pid; while :; do sleep 0.1; done",
                desk.scratch.path,
            ], directory: desk.scratch.path)
        try await eventually("a process", within: lateness) { !desk.text("keepalived.pid").isEmpty }
        func told() -> Int { process.output.split(separator: "\n").count }
        try await desk.tell("node", "0", "ok")
        try await eventually("once", within: lateness) { told() == 1 }
        try await desk.tell("node", "1", "unhealthy")
        try await eventually("twice", within: lateness) { told() == 2 }
        // That gives it no other weight.
        try await desk.tell("node", "1", "disabled")
        try await desk.tell("node", "1", "ok")
        try await eventually("three times", within: lateness) { told() == 3 }
        try await process.kill()
    }

    @Test func whatKeepalivedRefusesChangesNothing() async throws {
        let desk = try keepalived()
        for node in ["0", "1"] {
            #expect(try await desk.tell("node", node, "ok").status == 0)
        }
        let before = desk.text("ctdb.inc")
        let settings = desk.text("keepalived.conf")
        try desk.scratch.write(
            Array(settings.replacingOccurrences(of: ":445", with: ":445x").utf8),
            to: "keepalived.conf")
        let refused = try await desk.tell("node", "0", "unhealthy")
        #expect(refused.status == 1)
        #expect(refused.output.contains("nothing was changed"), "\(refused.output)")
        #expect(desk.text("ctdb.inc") == before)

        // The whole is checked too, and the old part comes back.
        try desk.scratch.write(Array(settings.utf8), to: "keepalived.conf")
        let main = desk.text("main.conf")
        try desk.scratch.write(Array((main + "nonsense {\n").utf8), to: "main.conf")
        let broken = try await desk.tell("node", "0", "unhealthy")
        #expect(broken.status == 1)
        #expect(broken.output.contains("the old one is back"), "\(broken.output)")
        #expect(desk.text("ctdb.inc") == before)
    }
}

/// Who hosts when no node is healthy.
@MainActor
@Suite(.serialized) struct NoHealthyNodeTests {
    private func desk(_ settings: String = "") throws -> CallbackDesk {
        let desk = try CallbackDesk("no-healthy-node", settings: settings)
        let program = "#!/bin/sh\necho \"$*\" >>\(desk.scratch.file("calls"))\n"
        try desk.scratch.write(Array(program.utf8), to: "ctdb")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: desk.scratch.file("ctdb"))
        try desk.scratch.write(
            Array((settings + "\nCTDB=\(desk.scratch.file("ctdb"))\n").utf8),
            to: "no-healthy-node.conf")
        return desk
    }

    private func calls(_ desk: CallbackDesk) -> [String] {
        desk.text("calls").split(separator: "\n").map(String.init)
    }

    @Test func unhealthyNodesHostWhenThereAreNoOthers() async throws {
        let desk = try desk()
        try await desk.tell("leader", "leader", "0")
        for node in ["0", "1", "2"] { try await desk.tell("node", node, "ok") }
        try await desk.tell("node", "0", "unhealthy")
        try await desk.tell("node", "1", "disabled")
        #expect(calls(desk) == [], "there is a healthy one")
        try await desk.tell("node", "2", "unhealthy")
        #expect(calls(desk) == ["ip reallocate --nodes 0,2"])
        try await desk.tell("node", "0", "disconnected")
        #expect(calls(desk).last == "ip reallocate --nodes 2")
        // One that is healthy again gets everything, and nothing is to be decided any more.
        try await desk.tell("node", "1", "ok")
        #expect(calls(desk).last == "ip reallocate --nodes 1")
        try await desk.tell("node", "0", "ok")
        #expect(calls(desk).count == 3)
    }

    @Test func onlyTheLeaderDecides() async throws {
        let desk = try desk()
        try await desk.tell("leader", "leader", "1")
        try await desk.tell("node", "0", "unhealthy")
        #expect(calls(desk) == [])
        // It is the leader now, and takes up what is to be decided.
        try await desk.tell("leader", "leader", "0")
        #expect(calls(desk) == ["ip reallocate --nodes 0"])
        try await desk.tell("leader", "leader", "none")
        #expect(calls(desk).count == 1)
    }

    @Test func anotherDecisionIsEasilyMade() async throws {
        let desk = try desk("who_hosts() { nodes_in unhealthy disabled | sort -n | head -n 1; }")
        try await desk.tell("leader", "leader", "0")
        try await desk.tell("node", "1", "disabled")
        try await desk.tell("node", "0", "stopped")
        #expect(calls(desk) == ["ip reallocate --nodes 1", "ip reallocate --nodes 1"])
        let nobody = try self.desk("who_hosts() { :; }")
        try await nobody.tell("leader", "leader", "0")
        try await nobody.tell("node", "0", "unhealthy")
        #expect(calls(nobody) == [])
    }

    @Test func aCallThatFailsIsAFailureToBeRepeated() async throws {
        let desk = try desk()
        try desk.scratch.write(Array("#!/bin/sh\nexit 1\n".utf8), to: "ctdb")
        try await desk.tell("leader", "leader", "0")
        #expect(try await desk.tell("node", "0", "unhealthy").status == 1)
    }
}
