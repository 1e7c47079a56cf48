// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import CaptureShell
import LegacyWire
import Presentation
import TrivialDatabase
import Vocabulary

/// Which packets of a capture are meant: the options that its verbs have in common.
enum CaptureChoice {
    static let file = Parameter("file", .file, "a pcap or pcapng file; - is standard input")

    private static func list(_ name: String, _ what: String, _ summary: String) -> Option {
        Option(name, value: Parameter(what, .text, "\(what), separated by commas"), summary)
    }

    static let options = [
        list("nodes", "nodes", "Only packets from or for these nodes."),
        list("operations", "names", "Only these operations, such as `requestControl`."),
        list("controls", "names", "Only these controls and their answers, by name or number."),
        list("srvids", "names", "Only what is about these srvids, by name or number."),
        list(
            "databases", "names",
            "Only what is about these databases, by name or id."),
        list("reqids", "numbers", "Only requests and answers with these numbers."),
        list("packets", "numbers", "Only these packets, by their numbers in the file."),
        Option(
            "from", value: Parameter("moment", .text, "a moment"),
            "Only from this moment on: seconds after the first packet, or UTC as in "
                + "2026-01-31T23:59:59.5."),
        Option(
            "until", value: Parameter("moment", .text, "a moment"), "Only before this moment."),
        Option(
            "ports", value: Parameter("ports", .text, "ports, separated by commas"),
            "The TCP ports of ctdbd in the capture; 4379 if not given."),
        Option(
            "word-size", value: Parameter("bits", .choice(["32", "64"]), "32 or 64"),
            "The size of a word on the nodes; that of this machine if not given."),
    ]

    /// A filter whose moments may count from the first packet.
    struct Filter {
        var filter = SightingFilter()
        /// Seconds after the first packet, in nanoseconds.
        var after: (from: Int64?, until: Int64?)
        private var hasBegun = false

        init(_ filter: SightingFilter) { self.filter = filter }

        /// Whether a packet is wanted.
        mutating func accepts(_ sighting: Sighting) -> Bool {
            if !hasBegun, let time = sighting.time {
                hasBegun = true
                filter.from = filter.from ?? after.from.map { time.advanced(by: $0) }
                filter.until = filter.until ?? after.until.map { time.advanced(by: $0) }
            }
            return filter.accepts(sighting)
        }
    }

    static func filter(_ invocation: Invocation) throws(Problem) -> Filter {
        var filter = SightingFilter()
        filter.nodes = try set(invocation, "nodes", "a node") { text in
            UInt32(text).map(PNN.init(rawValue:))
        }
        filter.operations = try set(invocation, "operations", "an operation") { text in
            (0...10).map(LegacyWire.Operation.init(rawValue:))
                .first { $0.name.lowercased() == text.lowercased() }
                ?? UInt32(text).map(LegacyWire.Operation.init(rawValue:))
        }
        filter.opcodes = try set(invocation, "controls", "a control") { text in
            ControlOpcode.allKnown.first { $0.description.lowercased() == text.lowercased() }
                ?? number(text).flatMap { UInt32(exactly: $0) }.map(ControlOpcode.init(rawValue:))
        }
        filter.srvids = try set(invocation, "srvids", "a srvid") { text in
            SrvID(name: text) ?? number(text).map(SrvID.init(rawValue:))
        }
        filter.reqids = try set(invocation, "reqids", "a number") { text in
            number(text).flatMap { UInt32(exactly: $0) }.map(Reqid.init(rawValue:))
        }
        filter.numbers = try set(invocation, "packets", "a number", number)
        var result = Filter(filter)
        for word in words(invocation, "databases") {
            // ctdbd makes the number of the name, and of the NUL behind it.
            let number =
                number(word).flatMap { UInt32(exactly: $0) }
                ?? DatabaseFile.hash(Array(word.utf8) + [0])
            result.filter.databases.insert(DatabaseID(rawValue: number))
        }
        let (from, after) = try moment(invocation, "from")
        let (until, before) = try moment(invocation, "until")
        result.filter.from = from
        result.filter.until = until
        result.after = (after, before)
        return result
    }

    static func settings(_ invocation: Invocation) throws(Problem) -> CaptureDecoder.Settings {
        var settings = CaptureDecoder.Settings()
        let ports = try set(invocation, "ports", "a port") { UInt16($0) }
        if !ports.isEmpty { settings.ports = ports }
        switch invocation.text(ifGiven: "word-size") {
        case "32": settings.wordSize = .bits32
        case "64": settings.wordSize = .bits64
        default: break
        }
        return settings
    }

    static func open(_ path: String, _ invocation: Invocation) throws(Problem) -> SightingInput {
        let settings = try settings(invocation)
        do throws(CaptureFileError) {
            return try SightingInput(path: path, settings: settings)
        } catch {
            throw problem(error)
        }
    }

    static func problem(_ error: CaptureFileError) -> Problem {
        switch error {
        case .system(let error): RecordingVerbs.problem("read", error)
        case .capture: Problem(.failed, "read", "\(error)")
        }
    }

    /// What people should know of a file beside its packets.
    static func problems(_ input: SightingInput, _ path: String) -> [Problem] {
        let counts = input.counts
        var texts: [String] = []
        if input.cutOffByteCount > 0 {
            texts.append(
                "it ends in the middle of a block, whose \(input.cutOffByteCount) bytes are not "
                    + "shown: its writer was interrupted")
        }
        if counts.unreadable > 0 {
            texts.append("\(counts.unreadable) of its blocks or packets are damaged")
        }
        return texts.map { Problem(.incomplete, path, $0) }
    }

    private static func words(_ invocation: Invocation, _ option: String) -> [String] {
        invocation.text(ifGiven: option)?.split(separator: ",").map(String.init) ?? []
    }

    private static func number(_ text: String) -> UInt64? {
        text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    }

    private static func set<Element: Hashable>(
        _ invocation: Invocation, _ option: String, _ what: String,
        _ read: (String) -> Element?
    ) throws(Problem) -> Set<Element> {
        var result: Set<Element> = []
        for word in words(invocation, option) {
            guard let element = read(word) else {
                throw Problem(.usage, "--\(option)", "\"\(word)\" is not \(what)")
            }
            result.insert(element)
        }
        return result
    }

    /// A moment, or nanoseconds after the first packet.
    private static func moment(
        _ invocation: Invocation, _ option: String
    ) throws(Problem) -> (CaptureTime?, Int64?) {
        guard let text = invocation.text(ifGiven: option) else { return (nil, nil) }
        if let seconds = Double(text), (0..<1e9).contains(seconds) {
            return (nil, Int64(seconds * 1e9))
        }
        guard let time = CaptureTime(text: text) else {
            throw Problem(
                .usage, "--\(option)", "\"\(text)\" is no moment",
                advice: "seconds after the first packet, or UTC as in 2026-01-31T23:59:59.5")
        }
        return (time, nil)
    }
}
