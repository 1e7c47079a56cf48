// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore

extension EventCore.Note {
    /// A line of the log: how important, and bytes without a line feed.
    struct Line: Equatable {
        var level: LegacyLog.Level
        var bytes: [UInt8]

        init(_ level: LegacyLog.Level, _ text: String) {
            self.init(level, Array(text.utf8))
        }

        init(_ level: LegacyLog.Level, _ bytes: [UInt8]) {
            self.level = level
            self.bytes = bytes
        }
    }

    /// From which level on the note is of interest.
    var level: LegacyLog.Level {
        switch self {
        case .running, .starting, .finished, .ran, .debugging: .debug
        case .output, .debugOutput, .unstartable: .error
        case .failed, .timedOut: .notice
        case .unreadable, .killing, .badComponent: .warning
        }
    }

    /// The lines of the log, with the words of the legacy daemon where it has any.
    var lines: [Line] {
        switch self {
        case .running(let event, let words):
            [
                line(
                    "Running event \(event) with args "
                        + "\"\(words.isEmpty ? "(null)" : Self.text(words))\"")
            ]
        case .starting(let launch):
            [
                line(
                    "Running \(launch.component)/\(launch.script).script with args "
                        + "\"\(launch.script) \(launch.arguments.first ?? "")\"")
            ]
        case .output(let script, let bytes): lines(bytes, after: script.bytes)
        case .finished(let script, let result):
            [line("Script \(script) finished result=\(result)")]
        case .ran(_, let event, let summary): [line("Event \(event) ran summary=\(summary)")]
        case .failed(let event): [line("\(event) event failed")]
        case .timedOut(let event): [line("\(event) event timed out")]
        case .unreadable(let component, let errno):
            [
                line(
                    errno == EventErrno.missing
                        ? "event script dir of \(component) removed"
                        : "failed to get script list for \(component), ret=\(errno)")
            ]
        case .unstartable(let script, let errno):
            [line("run_proc failed for \(script), ret=\(errno)")]
        case .debugging(let event): [line("Running debug script for event \(event)")]
        case .debugOutput(let bytes): lines(bytes, after: Array("event_debug".utf8))
        case .killing(let script): [line("killing hung script, start \(script.number)")]
        case .badComponent(let name):
            [line("refused component \"\(name)\": not the name of a folder")]
        }
    }

    private func line(_ text: String) -> Line { Line(level, text) }

    private static func text(_ words: [EventText]) -> String {
        words.map(\.description).joined(separator: " ")
    }

    /// The lines of an output, empty ones left out, each behind who has printed it.
    private func lines(_ output: [UInt8], after name: [UInt8]) -> [Line] {
        output.split(separator: UInt8(ascii: "\n")).map { text in
            Line(level, name + Array(": ".utf8) + text)
        }
    }
}

extension LegacyLog {
    /// Writes what is wrong with a client, with the words of the legacy daemon where it has any.
    func write(_ note: EventServer.Note) {
        switch note {
        case .invalidPacket(let count):
            write(.error, "Invalid packet received, buflen=\(count)")
        case .invalidStream: write(.error, "Invalid packet length received")
        case .unauthorised(let who):
            write(.warning, "refused process \(who.pid): uid \(who.uid) may not connect")
        case .acceptFailed(let error):
            write(.error, "failed to accept new connection: \(error)")
        }
    }
}
