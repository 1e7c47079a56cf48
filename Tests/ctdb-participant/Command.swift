// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ArgumentParser
import PeerClient
import PeerWire
import Sockets
import StageCore
import Stages

/// A daemon that does nothing but take part in the stages; for tests.
///
/// It prints a line for each thing that happens, and takes commands, a line each, on its standard
/// input: `differ`, `agree`, `unfit REASON`, `error`, `refuse` (fail the next step up for good).
@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctdb-participant", abstract: "Take part in the stages, for tests.")

    @Option(help: "The function.")
    var function = "service"

    @Option(help: "The folder with ctdb.conf.d.")
    var config = "/etc/ctdb"

    @Option(help: "The directory of the sockets.")
    var runDirectory = "/run/ctdb/tablecloth"

    func run() throws {
        guard let function = ClusterFunction(name: function) else {
            throw ValidationError("\(function) is no function")
        }
        let participant = try Participant(function, config, runDirectory)
        try participant.run()
    }
}

/// The daemon.
private final class Participant {
    private let loop: EventLoop
    private let endpoint: PeerEndpoint
    private let participant: StageParticipant
    private let signals: SignalSource
    private var isRefusing = false
    private var input: [UInt8] = []

    init(_ function: ClusterFunction, _ config: String, _ directory: String) throws {
        loop = try EventLoop()
        signals = try SignalSource([.terminate, .interrupt])
        endpoint = try PeerEndpoint(
            directory: directory, service: function.service,
            instance: try PeerEndpoint.newInstance(), loop: loop)
        participant = StageParticipant(
            StageParticipant.Identity(function: function, software: "ctdb-participant 1"),
            settings: try StageSettings(readingFrom: config), loop: loop)
    }

    func run() throws {
        endpoint.received = { [unowned self] inbound in
            _ = participant.take(inbound, from: endpoint)
        }
        participant.enter = { [unowned self] stage in
            say("enter \(stage)")
            if isRefusing, stage > participant.inEffect {
                isRefusing = false
                return participant.failed(stage, "it was told to refuse", isForNow: false)
            }
            participant.entered(stage)
        }
        participant.finished = { [unowned self] in
            say("finished")
            loop.stop()
        }
        participant.noted = { [unowned self] note in say("\(note)") }
        try participant.start()
        _ = try loop.register(signals.descriptor, for: .read) { [unowned self] _ in
            while signals.next() != nil { participant.stop() }
        }
        var reader: Worker<Int, [UInt8]>?
        reader = try Worker(on: loop) { limit in
            (try? StandardStreams.read(limit: limit)) ?? []
        } answered: { [unowned self] bytes in
            take(bytes)
            // At the end of the input it goes on until it is ended.
            if !bytes.isEmpty { reader?.submit(4096) }
        }
        reader?.submit(4096)
        say("started \(ProcessEnvironment.processID)")
        try loop.run()
        reader?.close()
        endpoint.close()
    }

    private func take(_ bytes: [UInt8]) {
        input += bytes
        while let end = input.firstIndex(of: 10) {
            let line = String(decoding: input[..<end], as: UTF8.self)
            input.removeFirst(end + 1)
            obey(line)
        }
    }

    private func obey(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        switch words.first {
        case "differ":
            participant.compared(
                [.init(field: "node", legacy: "0", own: "1")], subject: "10.0.0.1",
                replay: "cat", input: { Array("what it was decided from".utf8) })
        case "agree": participant.compared([], subject: "10.0.0.1")
        case "unfit": participant.unfit(words.last ?? "")
        case "error": participant.task(.error, latency: .milliseconds(1))
        case "refuse": isRefusing = true
        default: say("unknown: \(line)")
        }
    }

    private func say(_ text: String) { try? StandardStreams.write(Array("\(text)\n".utf8), to: 1) }
}
