// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Logging
import Sockets
import Synchronization

/// Where every logger of a daemon writes, and from which level on.
public final class LogOutput: Sendable {
    /// Takes one finished line.
    public typealias Sink = @Sendable ([UInt8]) -> Void

    private static let levels = Logger.Level.allCases

    private let format: LogFormat
    private let minimum: Atomic<Int>
    private let clock: @Sendable () -> UInt64
    private let sink: Sink

    /// Makes an output.
    ///
    /// - Parameters:
    ///   - format: how lines are written.
    ///   - level: the lowest level that is written.
    ///   - clock: tells the time in milliseconds since the beginning of 1970.
    ///   - sink: takes the lines; one `write` to standard error unless said otherwise.
    public init(
        _ format: LogFormat, level: Logger.Level,
        clock: @escaping @Sendable () -> UInt64 = ProcessEnvironment.wallClockMilliseconds,
        sink: @escaping Sink = StandardError.write
    ) {
        self.format = format
        self.minimum = Atomic(Self.index(of: level))
        self.clock = clock
        self.sink = sink
    }

    /// The lowest level that is written; a reload may change it for all loggers.
    public var level: Logger.Level {
        get { Self.levels[minimum.load(ordering: .relaxed)] }
        set { minimum.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    /// Makes this the output of all loggers; once per process.
    public func bootstrap() {
        LoggingSystem.bootstrap { label in LogOutputHandler(label: label, output: self) }
    }

    /// Makes a logger that writes here, whether or not this is the output of all loggers.
    public func logger(_ label: String) -> Logger {
        Logger(label: label) { LogOutputHandler(label: $0, output: self) }
    }

    /// Writes one line.
    fileprivate func write(
        _ level: Logger.Level, _ label: String, _ message: String, _ metadata: Logger.Metadata
    ) {
        let line = LogLine(
            format, milliseconds: clock(), level: level, label: label, message: message,
            metadata: metadata)
        sink(line.bytes)
    }

    private static func index(of level: Logger.Level) -> Int {
        levels.firstIndex(of: level) ?? 0
    }
}

/// What one logger knows: its label, its metadata, and perhaps a level of its own.
private struct LogOutputHandler: LogHandler {
    let label: String
    let output: LogOutput
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private var ownLevel: Logger.Level?

    init(label: String, output: LogOutput) {
        self.label = label
        self.output = output
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? output.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let given = event.metadata { all.merge(given) { $1 } }
        if let error = event.error { all["error"] = .string("\(error)") }
        output.write(event.level, label, "\(event.message)", all)
    }
}
