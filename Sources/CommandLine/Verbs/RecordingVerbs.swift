// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import PeerWire
import Presentation
import Recording
import Sockets
import Vocabulary

/// `ctdb capture start`, `stop` and `status`: recordings that go on in the background.
enum RecordingVerbs {
    static let name = Option(
        "name", value: Parameter("name", .text, "a word of a-z, 0-9 and -"),
        "The name of the recording, where several go on; `\(RecordingPlan.usualName)` if not "
            + "given.")

    private static func number(_ name: String, _ what: String, _ summary: String) -> Option {
        Option(name, value: Parameter(what, .number(1...1_000_000_000_000), what), summary)
    }

    private static let file = Parameter("file", .file, "the file; pcapng")

    private static let options = [
        Option("wire", "Record what nodes say to each other. Done if no source is given."),
        Option(
            "relay",
            "Stand between ctdbd and the clients that connect from now on, and record what they "
                + "say. For ctdbd these clients have the number of one process."),
        Option(
            "processes",
            "Record what the proxy and the daemons of this node send and receive."),
        Option(
            "interface", value: Parameter("interface", .interface, "an interface"),
            "Hear only this interface; all if not given."),
        Option("data-only", "Leave out TCP packets of the wire that only acknowledge others."),
        Option(
            "services", value: Parameter("services", .text, "names, separated by commas"),
            "Record only these processes, such as proxy,event; all if not given."),
        number("buffer", "mebibytes", "How much may wait for the recorder; 64 if not given."),
        number("seconds", "seconds", "End after so many seconds."),
        number("packets", "count", "End after so many packets."),
        number("size", "mebibytes", "End after so much was written."),
        number("file-size", "mebibytes", "Begin the next file after so much; files are numbered."),
        number("file-seconds", "seconds", "Begin the next file after so many seconds."),
        number("keep", "count", "Keep so many of the last files."),
        name, ProxyVerbs.directory,
    ]

    static let start = Verb.change(
        "start", "Begin to record into a file, in the background.", [file],
        options: options + [Option("foreground", "Record here, until the end or a signal.")],
        scope: .none, schema: schema("start"),
        details: "The kernel chooses the packets of `--wire`, of all interfaces of the network "
            + "namespace; it needs root or CAP_NET_RAW. A recording ends at a limit or with `ctdb "
            + "capture stop`. A relay puts ctdbd's own socket back at its end; clients that are "
            + "connected through it stay connected until they leave or `ctdb capture stop --now` "
            + "is given. When the recorder is killed, the next `ctdb capture start` or `stop` puts "
            + "the socket back; a unit has `ExecStart=ctdb capture start --foreground ...` and "
            + "`ExecStopPost=ctdb capture stop`."
    ) { context, invocation throws(Problem) in
        let plan = try plan(context, invocation)
        guard !invocation.has("foreground") else {
            return report(invocation, [try record(plan, whenReady: {})], plan.runDirectory)
        }
        // The words behind the verb; a recorder is given the same.
        let words = ["ctdb", "record-in-background"] + optionWords(invocation, context)
        let said: [UInt8]
        do throws(SystemError) {
            let program = try BackgroundProgram(
                starting: BackgroundProgram.ownPath, arguments: words)
            said = program.waitForOutput()
        } catch {
            throw problem("start a recorder", error)
        }
        guard said.isEmpty else {
            var text = String(decoding: said.prefix { $0 != 10 }, as: UTF8.self)
            if text.hasPrefix("ctdb: ") { text.removeFirst(6) }
            throw Problem(.failed, "", text)
        }
        guard let state = RecordingView.read(plan.name, in: plan.runDirectory)?.state else {
            throw Problem(.failed, "start a recorder", "it has ended without a word")
        }
        var report = report(invocation, [state], plan.runDirectory)
        if plan.relaySocket != nil { report.notes.append(relayNote) }
        return report
    }

    private static let relayNote =
        "for ctdbd, clients that connect from now on have the process number of the relay"

    /// `ctdb record-in-background`: what `start` runs.
    static let background = Verb.change(
        "record-in-background", "Record, and let go of the standard streams.", [file],
        options: options, scope: .none, schema: schema("background")
    ) { context, invocation throws(Problem) in
        _ = try record(try plan(context, invocation)) { try? BackgroundProgram.letGo() }
        return Report(invocation.verb.schema, tables: [[], []])
    }

    static let stop = Verb.change(
        "stop", "End a recording, and put back what its relay has moved.",
        options: [
            Option("now", "End the connections of clients through its relay, too."), name,
            ProxyVerbs.directory,
        ],
        scope: .none, schema: schema("stop"),
        details: "Also when its recorder was killed: then only ctdbd's socket is put back. Nothing "
            + "to do is no failure."
    ) { context, invocation throws(Problem) in
        let directory = directory(invocation)
        let name = try recordingName(invocation)
        var ended: [RecordingState] = []
        if let view = RecordingView.read(name, in: directory) {
            ended = [try stop(view, context, isNow: invocation.has("now"))]
        }
        var report = report(invocation, ended, directory)
        if let note = try mend(context) { report.notes.append(note) }
        return report
    }

    static let status = Verb.read(
        "status", "Show the recordings of this node.", options: [ProxyVerbs.directory],
        scope: .none, schema: schema("status")
    ) { context, invocation throws(Problem) in
        let directory = directory(invocation)
        let views = RecordingView.all(in: directory)
        var report = report(invocation, views.map(\.state), directory)
        let socket = try context.conversation.socketPath(context.settings)
        if SocketStandIn.isExpected(at: socket), !SocketStandIn.isAlive(at: socket) {
            report.problems.append(
                Problem(
                    .failed, "the relay in front of \(socket)",
                    "it was killed, and nobody can connect to ctdbd",
                    advice: "ctdb capture stop"))
        }
        return report
    }
}

extension RecordingVerbs {
    /// What recordings there are, and what they hear.
    private static func schema(_ verb: String) -> Schema {
        Schema("capture.\(verb)", tables: tables)
    }

    private static let tables = [
        Schema.Table(
            "recordings",
            [
                Column("name", .text, "the recording"),
                Column(
                    "state", .text,
                    "`recording`, `relaying` after its end, `ended`, or `killed`"),
                Column("pid", .number, "the recorder's process"),
                Column("began", .text, "when it began, UTC"),
                Column("packets", .number, "what was recorded"),
                Column("bytes", .number, "what was written"),
                Column("lost", .number, "what was heard and not recorded"),
                Column("clients", .number, "the clients that are connected through its relay"),
                Column("files", .words, "the files that are there"),
                Column("end", .text, "why it has ended"),
            ]),
        Schema.Table(
            "sources",
            [
                Column("recording", .text, "the recording"),
                Column("source", .text, "`wire`, `relay` or a process"),
                Column("packets", .number, "what was recorded of it"),
                Column("lost", .number, "what was heard and not recorded"),
                Column("note", .text, "what is worth knowing"),
            ]),
    ]

    private static func directory(_ invocation: Invocation) -> String {
        invocation.text(ifGiven: "run-directory") ?? ProxyQuestion.usualDirectory
    }

    private static func recordingName(_ invocation: Invocation) throws(Problem) -> String {
        let name = invocation.text(ifGiven: "name") ?? RecordingPlan.usualName
        guard RecordingPlan.isName(name) else {
            throw Problem(
                .usage, "--name \(name)", "not the name of a recording",
                advice: "at most 32 of a-z, 0-9 and -")
        }
        return name
    }

    /// What was asked for.
    private static func plan(
        _ context: Context, _ invocation: Invocation
    ) throws(Problem) -> RecordingPlan {
        let path = try invocation.text("file")
        guard path != "-" else {
            throw Problem(.usage, "capture start", "a recording needs a file of its own")
        }
        var plan = RecordingPlan(
            name: try recordingName(invocation), path: path,
            runDirectory: directory(invocation), limits: limits(invocation))
        let buffer = invocation.number(ifGiven: "buffer").map { UInt32(clamping: $0) } ?? 64
        let hasOther = invocation.has("relay") || invocation.has("processes")
        if invocation.has("wire") || !hasOther {
            plan.wire = RecordingPlan.Wire(
                interface: invocation.text(ifGiven: "interface"), bufferMebibytes: buffer,
                isDataOnly: invocation.has("data-only"))
        }
        if invocation.has("relay") {
            plan.relaySocket = try context.conversation.socketPath(context.settings)
        }
        if invocation.has("processes") {
            plan.processes = RecordingPlan.Processes(
                services: try services(invocation), bufferMebibytes: buffer)
        }
        return plan
    }

    private static func services(_ invocation: Invocation) throws(Problem) -> [Service]? {
        guard let text = invocation.text(ifGiven: "services") else { return nil }
        var services: [Service] = []
        for name in text.split(separator: ",") {
            guard let service = Service(name: String(name)) else {
                throw Problem(
                    .usage, "--services", "there is no service \"\(name)\"",
                    advice: "proxy, cluster, address, services, event, database, echo")
            }
            services.append(service)
        }
        return services
    }

    private static func limits(_ invocation: Invocation) -> RecordingLimits {
        func bytes(_ name: String) -> UInt64? { invocation.number(ifGiven: name).map { $0 << 20 } }
        var limits = RecordingLimits()
        limits.seconds = invocation.number(ifGiven: "seconds")
        limits.packets = invocation.number(ifGiven: "packets")
        limits.byteCount = bytes("size")
        limits.fileByteCount = bytes("file-size")
        limits.fileSeconds = invocation.number(ifGiven: "file-seconds")
        limits.keptFileCount = invocation.number(ifGiven: "keep").map { Int(clamping: $0) }
        return limits
    }

    /// The file and the options as words, for the recorder.
    private static func optionWords(_ invocation: Invocation, _ context: Context) -> [String] {
        var words = [invocation.text(ifGiven: "file") ?? ""]
        for option in options where invocation.has(option.name) {
            words.append("--\(option.name)")
            guard option.value != nil else { continue }
            let value =
                invocation.number(ifGiven: option.name).map { "\($0)" }
                ?? invocation.text(ifGiven: option.name)
            words.append(value ?? "")
        }
        if let socket = context.settings.socketPath { words += ["--socket", socket] }
        return words
    }

    private static func record(
        _ plan: RecordingPlan, whenReady: () -> Void
    ) throws(Problem) -> RecordingState {
        do throws(RecorderError) {
            let recorder = try Recorder(plan)
            whenReady()
            return try recorder.run()
        } catch {
            switch error {
            case .system(let error): throw problem("record", error)
            case .file(.system(let error)): throw problem("record", error)
            case .file(let error): throw Problem(.failed, "record", "\(error)")
            }
        }
    }

    /// A refusal of the kernel, with its advice where a problem has it.
    static func problem(_ what: String, _ error: SystemError) -> Problem {
        var plain = error
        plain.advice = nil
        var advice = error.advice
        if error.isLocked {
            advice = "ctdb capture stop ends the one that goes on; --name begins another"
        }
        return Problem(.failed, what, "\(plain)", advice: advice)
    }

    private static func report(
        _ invocation: Invocation, _ states: [RecordingState], _ directory: String
    ) -> Report {
        let recordings = states.map { row($0, in: directory) }
        var sources: [Row] = []
        for state in states {
            sources += state.sources.map { source in
                Row(
                    [
                        .text(state.name), .text(source.name), .unsigned(source.packets),
                        .unsigned(source.lost), Value(source.note),
                    ], tone: source.lost > 0 ? .warning : .plain)
            }
        }
        return Report(invocation.verb.schema, tables: [recordings, sources])
    }

    private static func row(_ state: RecordingState, in directory: String) -> Row {
        var word = RecordingView.read(state.name, in: directory)?.word ?? "ended"
        if state.end != nil, state.relayedClients == 0 { word = "ended" }
        return Row(
            [
                .text(state.name), .text(word), .number(Int64(state.pid)),
                Describe.moment(seconds: Int64(clamping: state.began / 1_000)),
                .unsigned(state.packets), .unsigned(state.byteCount), .unsigned(state.lost),
                .number(Int64(state.relayedClients)),
                .words(state.files), Value(state.end),
            ], tone: word == "killed" ? .bad : state.lost > 0 ? .warning : .good)
    }

    // MARK: The end

    private static func stop(
        _ view: RecordingView, _ context: Context, isNow: Bool
    ) throws(Problem) -> RecordingState {
        var view = view
        let what = "stop the recording \(view.state.name)"
        do throws(SystemError) {
            guard view.isAlive || isNow && view.isRelaying else { return view.state }
            let watch = try ProcessWatch(pid: view.state.pid)
            try watch.send(.terminate)
            // A second signal ends what the first one leaves going on.
            if isNow, view.isAlive, wait(context, &view, { !$0.isAlive }), view.isRelaying {
                try watch.send(.terminate)
            }
        } catch {
            // It may have ended by itself in the meantime.
            guard error.isMissingProcess else { throw problem(what, error) }
        }
        guard wait(context, &view, { !$0.isAlive && !(isNow && $0.isRelaying) }) else {
            throw Problem(
                .timedOut, what, "process \(view.state.pid) has not ended in time",
                advice: "look again with ctdb capture status")
        }
        return view.state
    }

    /// Looks again and again until something holds; whether it did in time.
    private static func wait(
        _ context: Context, _ view: inout RecordingView, _ holds: (RecordingView) -> Bool
    ) -> Bool {
        while true {
            if let seen = RecordingView.read(view.state.name, in: view.directory) { view = seen }
            if holds(view) { return true }
            guard context.rest > .zero else { return false }
            StandardStream.pause(milliseconds: 20)
        }
    }

    /// Puts ctdbd's socket back if a killed relay has moved it.
    ///
    /// - Returns: what was done, for people.
    private static func mend(_ context: Context) throws(Problem) -> String? {
        let socket = try context.conversation.socketPath(context.settings)
        do throws(SystemError) {
            switch try SocketStandIn.mend(socket) {
            case .nothing: return nil
            case .restored: return "\(socket) is ctdbd's own again"
            case .cleared: return "what a killed relay had left beside \(socket) is gone"
            case .abandoned:
                return "what a killed relay had left beside \(socket) is gone; ctdbd does not run"
            }
        } catch {
            // Another recording's relay lives: that is as it should be.
            if error.isLocked { return nil }
            throw problem("put \(socket) back", error)
        }
    }
}
