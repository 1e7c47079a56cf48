// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import CaptureShell
import Foundation
import Glibc
import LegacyWire
import PeerWire
import Sockets
import Testing
import Vocabulary

/// `ctdb capture` on one node of the laboratory.
@MainActor
private struct Recordings {
    let cluster: Cluster
    let node: Int
    let directory: String

    init(_ cluster: Cluster, on node: Int) {
        self.cluster = cluster
        self.node = node
        directory = cluster.scratch.file("n\(node)")
    }

    func file(_ name: String) -> String { cluster.scratch.file(name) }

    /// The words that run `ctdb` in the node.
    private func words(_ arguments: [String]) -> [String] {
        [Places.command] + arguments + ["--run-directory", directory]
    }

    /// Starts in the background; throws when it did not.
    func start(_ path: String, _ options: String...) async throws {
        let said = try await cluster.run(on: node, words(["capture", "start", path] + options))
        guard said.contains("recording") else { throw Trouble("capture start: \(said)") }
    }

    /// Starts a recorder that is the child itself.
    func foreground(_ path: String, _ options: String...) throws -> Child {
        try cluster.start(
            on: node, words(["capture", "start", path, "--foreground"] + options))
    }

    /// Ends the recording; what was said about it, as JSON.
    @discardableResult
    func stop(_ options: String...) async throws -> String {
        try await cluster.run(on: node, words(["capture", "stop", "--json"] + options))
    }

    func status() async throws -> String {
        try await cluster.run(on: node, words(["capture", "status", "--json"]))
    }

    /// ctdbd's socket by its inode; nil when there is none.
    var socketInode: UInt64? {
        let path = cluster.legacySocket(node)
        return (try? FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber])
            .flatMap { ($0 as? NSNumber)?.uint64Value }
    }

    var isMoved: Bool {
        FileManager.default.fileExists(
            atPath: cluster.legacySocket(node) + SocketStandIn.besideSuffix)
    }

    /// Everything of both protocols in a file.
    static func sightings(_ path: String) throws -> (all: [Sighting], dropped: UInt64) {
        let input = try CaptureInput(path: path)
        var decoder = CaptureDecoder()
        var found: [Sighting] = []
        while let item = try input.next() {
            decoder.take(item, interfaces: input.interfaces)
            while let next = decoder.next() { found.append(next) }
        }
        decoder.finish()
        while let next = decoder.next() { found.append(next) }
        return (found, decoder.counts.dropped)
    }

    /// What tshark prints of a file's packets.
    func tshark(_ path: String, _ options: String...) async throws -> [String] {
        let (status, output, errors) = try await cluster.scratch.run(
            "/usr/bin/tshark", ["-r", path] + options)
        guard status == 0 else { throw Trouble("tshark: \(errors)") }
        return output.split(separator: "\n").map(String.init)
    }
}

/// A client of ctdbd that says little.
@MainActor
private final class BareClient {
    private let socket: StreamSocket
    private var room = [UInt8](repeating: 0, count: 1_024)
    private var answer: [UInt8] = []

    init(_ path: String) throws { socket = try StreamSocket(connectedTo: path) }

    /// Whether ctdbd, or who stands there, has ended the connection.
    var isClosed: Bool {
        if case .closed = socket.read(into: &room) { return true }
        return false
    }

    private func hasAnswer() -> Bool {
        if case .bytes(let bytes) = socket.read(into: &room) { answer += bytes }
        return answer.count >= LegacyWire.PacketHeader.byteCount
    }

    /// Asks whether ctdbd is there.
    func ping(_ reqid: UInt32) async throws -> Bool {
        let packet = LegacyPacket(
            destination: .current, reqid: Reqid(rawValue: reqid),
            body: .requestControl(RequestControl(opcode: .ping)))
        answer = []
        _ = socket.write(try packet.encode(layout: .native))
        try await eventually("an answer") { hasAnswer() }
        return try LegacyPacket.decode(answer[...], layout: .native).reqid.rawValue == reqid
    }
}

extension LaboratoryTests {
    /// What `ctdb capture start` hears, and what it leaves behind.
    @Suite @MainActor
    struct RecordingFiles {
        @Test("what nodes and clients say is in one file that tshark opens")
        func wireAndRelay() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let recordings = Recordings(cluster, on: 0)
            let path = recordings.file("both.pcapng")
            try await recordings.start(path, "--wire", "--relay", "--interface", "eth0")
            // Whoever hears the wire comes before what is not urgent.
            let running = try await recordings.status()
            let pid = try #require(running.firstMatch(of: #/"pid":([0-9]+)/#)?.1)
            let niceness = try await cluster.run(on: 0, ["ps", "-o", "ni=", "-p", String(pid)])
            #expect(niceness.contains("-15"), "\(niceness)")
            try await cluster.ctdb(0, "attach", "recorded.tdb")
            try await cluster.ctdb(0, "writekey", "recorded.tdb", "key", "value")
            try await cluster.ctdb(1, "writekey", "recorded.tdb", "key", "other")
            let report = try await recordings.stop("--now")
            #expect(report.contains("\"state\":\"ended\""), "\(report)")
            #expect(report.contains("\"lost\":0"), "\(report)")
            #expect(!recordings.isMoved)

            let (seen, dropped) = try Recordings.sightings(path)
            #expect(dropped == 0)
            let packets = seen.compactMap {
                if case .legacy(let one) = $0.content { one } else { nil }
            }
            #expect(packets.count == seen.count)
            #expect(packets.contains { $0.opcode == .attachDatabase })
            let moved = packets.contains { packet in
                if case .replyDmaster = packet.packet.body { true } else { false }
            }
            #expect(moved)
            #expect(seen.contains { $0.comments.contains { $0.hasSuffix(" ctdb") } })
            let read = try await recordings.tshark(
                path, "-Y", "ctdb", "-T", "fields", "-e", "ctdb.len")
            let lengths = read.flatMap { $0.split(separator: ",") }
            #expect(lengths.count == packets.count)
        }

        @Test("tagged packets and IPv6 are heard, and other ports are not")
        func tagsAndIPv6() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let recordings = Recordings(cluster, on: 0)
            let path = recordings.file("tags.pcapng")
            try await recordings.start(path, "--wire", "--interface", "eth0", "--data-only")
            // The kernel need not know VLANs for frames of one to come.
            let said = try await cluster.run(on: 1, ["python3", "-c", Self.frames])
            #expect(said == "sent\n", "\(said)")
            try await recordings.stop()
            func count(_ filter: String) async throws -> Int {
                try await recordings.tshark(path, "-Y", filter).count
            }
            for version in ["ip.src == 192.0.2.2", "ipv6.src == fd00::2"] {
                for tag in ["!vlan", "vlan.id == 7"] {
                    let those = "\(version) && \(tag)"
                    #expect(try await count("\(those) && tcp.len == 5") == 1, "\(those)")
                    #expect(try await count("\(those) && tcp.flags.syn == 1") == 1, "\(those)")
                    // What only acknowledges is left out, and so are other ports.
                    #expect(try await count(those) == 2, "\(those)")
                }
            }
        }

        /// Sends TCP of both versions of IP, with and without a tag, from and to two ports.
        private static let frames = """
            import socket, struct
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            s.bind(("eth0", 0))
            def send(tag, version, port, flags, data):
                tcp = struct.pack(">HHIIBBHHH", port, 9, 1, 1, 0x50, flags, 99, 0, 0) + data
                if version == 4:
                    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 9,
                        6, 0, socket.inet_aton("192.0.2.2"), socket.inet_aton("192.0.2.1"))
                    # A bridge that filters drops what has no checksum.
                    total = sum(struct.unpack(">10H", ip))
                    total = ~((total & 0xffff) + (total >> 16)) & 0xffff
                    kind, ip = 0x800, ip[:10] + struct.pack(">H", total) + ip[12:]
                else:
                    kind, ip = 0x86dd, struct.pack(">IHBB", 6 << 28, len(tcp), 6, 9) + b"".join(
                        socket.inet_pton(socket.AF_INET6, a) for a in ("fd00::2", "fd00::1"))
                vlan = struct.pack(">HH", 0x8100, tag) if tag else b""
                s.send(b"\\xff" * 6 + b"\\x02\\0\\0\\0\\0\\1" + vlan + struct.pack(">H", kind)
                    + ip + tcp)
            for tag in (0, 7):
                for version in (4, 6):
                    send(tag, version, 4379, 0x18, b"hello")
                    send(tag, version, 4379, 0x02, b"")
                    send(tag, version, 4379, 0x10, b"")
                    send(tag, version, 4380, 0x18, b"hello")
            print("sent")
            """

        @Test("files go on in others, and the first ones are removed")
        func rotation() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let recordings = Recordings(cluster, on: 0)
            let child = try recordings.foreground(
                recordings.file("turn.pcapng"), "--wire", "--file-seconds", "1", "--keep", "2",
                "--seconds", "4", "--json")
            #expect(try await child.end() == 0)
            #expect(child.output.contains("4 seconds have passed"), "\(child.output)")
            let names = (1...6).filter { number in
                FileManager.default.fileExists(
                    atPath: recordings.file("turn-0000\(number).pcapng"))
            }
            #expect(names.count == 2)
            for number in names {
                let path = recordings.file("turn-0000\(number).pcapng")
                _ = try await recordings.tshark(path)
            }
        }

        @Test("what cannot be recorded says what to do")
        func mistakes() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let recordings = Recordings(cluster, on: 0)
            func said(_ words: String...) async throws -> String {
                try await cluster.run(
                    on: 0,
                    [Places.command, "capture", "start"] + words
                        + ["--run-directory", recordings.directory])
            }
            let path = recordings.file("none.pcapng")
            #expect(try await said(path, "--interface", "nosuch").contains("see ip link"))
            #expect(try await said("/nowhere/x.pcapng").contains("No such file"))
            #expect(
                try await said(path, "--relay", "--socket", "/nowhere/socket").contains("No such"))
            try await recordings.start(path)
            #expect(try await said(path).contains("ctdb capture stop"))
            try await recordings.stop()
            // Without the capability, in a user namespace of its own.
            let unprivileged = try await cluster.run(
                on: 0,
                [
                    "setpriv", "--inh-caps=-net_raw", "--bounding-set=-net_raw", Places.command,
                    "capture", "start", path, "--run-directory", recordings.directory,
                ])
            #expect(unprivileged.contains("CAP_NET_RAW"), "\(unprivileged)")
        }
    }

    /// The relay in front of a real ctdbd.
    @Suite @MainActor
    struct Relays {
        @Test("a relay that is killed at any moment is mended")
        func killed() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let recordings = Recordings(cluster, on: 0)
            let original = try #require(recordings.socketInode)
            var generator = SystemRandomNumberGenerator()
            for round in 0..<12 {
                let relay = try recordings.foreground(recordings.file("kill.pcapng"), "--relay")
                // Anything from before it stands there to long after.
                var polls = Int.random(in: 0...(round < 6 ? 3 : 12), using: &generator)
                let asking = try cluster.start(
                    on: 0, ["sh", "-c", "while :; do ctdb pnn; ctdb status; done"])
                try await eventually("its end") {
                    polls -= 1
                    return polls < 0
                }
                relay.signal(SIGKILL)
                asking.signal(SIGKILL)
                _ = try await relay.end()
                _ = try await asking.end()
                if round % 2 == 0 {
                    _ = try await recordings.stop()
                } else {
                    // The next one mends, too; and nothing is in its way.
                    try await recordings.start(recordings.file("kill.pcapng"), "--relay")
                    #expect(try await cluster.ctdb(0, "pnn") == "0\n")
                    try await recordings.stop("--now")
                }
                #expect(!recordings.isMoved)
                #expect(recordings.socketInode == original)
                #expect(try await cluster.ctdb(0, "pnn") == "0\n")
            }
        }

        @Test("it steps aside for the next ctdbd, and stands in front of that one")
        func restart() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let recordings = Recordings(cluster, on: 2)
            let path = recordings.file("restart.pcapng")
            try await recordings.start(path, "--relay")
            #expect(try await cluster.ctdb(2, "pnn") == "2\n")
            try await cluster.lab("kill", "2")
            try await eventually("it has stepped aside") { !recordings.isMoved }
            try await cluster.lab("start", "2")
            try await eventually("it stands there again") { recordings.isMoved }
            try await eventually("ctdbd answers") {
                try await cluster.ctdb(2, "pnn") == "2\n"
            }
            try await recordings.stop("--now")
            #expect(try await cluster.ctdb(2, "pnn") == "2\n")
            let clients = Set(try Recordings.sightings(path).all.flatMap(\.comments))
            #expect(clients.count >= 2, "\(clients)")
            try await cluster.ready()
        }

        @Test("who is connected stays so when the recording ends")
        func afterTheEnd() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let recordings = Recordings(cluster, on: 0)
            let path = recordings.file("after.pcapng")
            try await recordings.start(path, "--relay")
            let client = try BareClient(cluster.legacySocket(0))
            #expect(try await client.ping(1))
            let report = try await recordings.stop()
            #expect(report.contains("\"state\":\"relaying\""), "\(report)")
            #expect(!recordings.isMoved)
            #expect(try await client.ping(2))
            #expect(try await recordings.stop("--now").contains("\"state\":\"ended\""))
            try await eventually("the connection ends") { client.isClosed }
            // What was said behind the end is not in the file. ctdbd's own helpers come and go.
            let all = try Recordings.sightings(path).all
            let own = try #require(
                all.first { $0.comments.contains { $0.contains(" pid \(getpid()) ") } }?.source)
            #expect(all.count { $0.source == own || $0.destination == own } == 2)
        }
    }

    /// The processes of the new protocol, as they show themselves.
    @Suite @MainActor
    struct ShownProcesses {
        @Test("every packet of a proxy is in the file")
        func proxies() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let recordings = Recordings(cluster, on: 0)
            let path = recordings.file("shown.pcapng")
            let service = cluster.newService()
            let receiver = try TestReceiver(cluster, on: 1, service)
            try await receiver.isThere()
            try await recordings.start(path, "--processes", "--services", "proxy")
            try await eventually("the proxy shows itself") {
                try await recordings.status().contains("\"source\":\"proxy\"")
            }
            let flow = try Flow(cluster, from: 0, to: receiver, ["--count", "3000"])
            #expect(try await flow.finish().summary == ["delivered": 3_000])
            // The last outcomes are on their way when the sender has them.
            let report = try await recordings.stop()
            #expect(report.contains("\"lost\":0"), "\(report)")
            try await receiver.stop()

            let (seen, dropped) = try Recordings.sightings(path)
            #expect(dropped == 0)
            var sent: Set<UInt64> = []
            var relayed: Set<UInt64> = []
            func note(_ frame: PeerFrame, _ ids: inout Set<UInt64>) {
                for packet in frame.packets where packet.header.destination.service.name == service
                {
                    ids.insert(packet.header.packetID)
                }
            }
            for sighting in seen {
                switch sighting.content {
                case .peer(let frame): note(frame, &sent)
                case .legacy(let legacy):
                    // To ctdbd, for the proxy of the other node.
                    if case .frame(let frame) = legacy.payload { note(frame, &relayed) }
                default: break
                }
            }
            #expect(sent.count == 3_000)
            #expect(relayed == sent)
        }
    }

    /// Conversations that are played again.
    @Suite @MainActor
    struct Replays {
        @Test("the same ctdbd answers the same, faster")
        func same() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let recordings = Recordings(cluster, on: 0)
            let path = recordings.file("play.pcapng")
            try await recordings.start(path, "--relay")
            for words in [
                ["attach", "played.tdb"], ["writekey", "played.tdb", "a", "1"],
                ["readkey", "played.tdb", "a"], ["attach", "kept.tdb", "persistent"],
                ["pdelete", "kept.tdb", "none"], ["catdb", "played.tdb"], ["listvars"],
                ["getcapabilities"], ["nodestatus", "all"], ["ip", "all"],
            ] {
                try await cluster.run(on: 0, ["ctdb"] + words)
            }
            try await recordings.stop()
            let said = try await cluster.run(
                on: 0,
                [
                    Places.command, "capture", "replay", path, "--speed", "full", "--twice",
                    "--allow", "trans3Commit", "--json",
                ])
            #expect(
                said.contains("\"verdict\":\"same\"")
                    || said.contains("\"verdict\":\"within_noise\""),
                "\(said)")
            #expect(said.contains("\"missing\":0"))
            // And the cluster has taken no harm.
            #expect(try await cluster.ctdb(0, "pnn") == "0\n")
            try await cluster.lab("wait", "30")
        }

        /// What `ctdb capture replay` says, and its exit code behind it.
        private func replay(_ cluster: Cluster, _ words: String...) async throws -> String {
            try await cluster.run(
                on: 0,
                [
                    "sh", "-c", #""$@"; echo "exit $?""#, "sh", Places.command, "capture",
                    "replay",
                ] + words + ["--json"])
        }

        @Test("another answer is found, and a sample plays it alone")
        func different() async throws {
            let cluster = try Cluster.current()
            try await cluster.ready()
            let recordings = Recordings(cluster, on: 0)
            let path = recordings.file("other.pcapng")
            let samples = recordings.file("samples")
            try FileManager.default.createDirectory(
                atPath: samples, withIntermediateDirectories: true)
            try await recordings.start(path, "--relay")
            for words in [["pnn"], ["getvar", "TraverseTimeout"], ["getdebug"]] {
                try await cluster.run(on: 0, ["ctdb"] + words)
            }
            try await cluster.ctdb(0, "setvar", "TraverseTimeout", "21")
            try await recordings.stop()

            // It was 20 when it was asked, and is 21 now.
            let said = try await replay(
                cluster, path, "--speed", "full", "--twice", "--samples", samples)
            #expect(said.contains("\"verdict\":\"different\"") && said.hasSuffix("exit 1\n"))
            #expect(said.contains("\"different\":1,\"missing\":0"), "\(said)")
            #expect(said.contains("\"refused\":1") && said.contains("setTunable"), "\(said)")
            let files = try FileManager.default.contentsOfDirectory(atPath: samples)
            let sample = samples + "/" + (try #require(files.first))
            #expect(files.count == 1)
            #expect(try await replay(cluster, sample).hasSuffix("exit 1\n"))
            try await cluster.ctdb(0, "setvar", "TraverseTimeout", "20")
            let again = try await replay(cluster, sample, "--speed", "x100")
            #expect(again.contains("\"verdict\":\"same\"") && again.hasSuffix("exit 0\n"))

            let plan = try await replay(cluster, path, "--dry-run")
            #expect(plan.contains("setTunable") && plan.hasSuffix("exit 0\n"), "\(plan)")
            // What is named is sent.
            let named = try await replay(cluster, path, "--allow", "set-tunable")
            #expect(named.contains("\"refused\":0"), "\(named)")
            #expect(try await cluster.ctdb(0, "getvar", "TraverseTimeout").contains("21"))
            try await cluster.ctdb(0, "setvar", "TraverseTimeout", "20")
            // Only one client of the capture, and only one control.
            let few = try await replay(cluster, path, "--controls", "getPNN", "--clients", "2")
            #expect(few.contains("\"played\":1,"), "\(few)")
        }
    }
}
