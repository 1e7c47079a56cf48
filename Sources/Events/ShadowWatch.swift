// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyClient
import LegacyWire
import Sockets
import Vocabulary

/// Hears what the event daemon that ctdbd has started makes of events, and compares it with what
/// would be made of them here.
///
/// It runs nothing.
/// When scripts have run, it asks how each event went, and looks into the folder of scripts. An
/// event that has run since is decided about again; one during which the folder was changed is
/// passed over, for nobody knows what the legacy daemon found there, and of several runs between
/// two looks only the last is seen.
final class ShadowWatch {
    /// Takes a comparison: the event, the fields that differ, and what was decided from.
    typealias Report = (EventText, [EventRecord.Difference], EventRecord) -> Void
    /// Takes how an event went when it last ran, each time that scripts have run.
    typealias Hearing = (EventText, EventStatus) -> Void

    /// A number that grows with every script that ends, and whose it is.
    private struct ScriptCount: Equatable {
        var pid: Int32
        var faults: UInt64
    }

    private let component: EventText
    private let folder: ScriptFolder
    private let pidFile: String
    private let loop: EventLoop
    private let client: LegacyEventClient
    private let legacySocket: String
    private let report: Report
    private let hear: Hearing
    private var isComparing = false
    private var timer: EventLoop.TimerToken?
    /// Asks ctdbd, which may let wait.
    private var worker: Worker<String, UInt32?>?
    private var timeout: Duration?
    private var seen: [EventText: Timeval] = [:]
    private var lookCount = 0
    /// What the kernel knew of the scripts of the event daemon at the last question.
    private var askedAt: ScriptCount?
    /// The most bytes that are kept of what a script prints.
    var outputLimit: Int

    private static let period: UInt64 = 1000
    /// The timeout of ctdbd's events is asked for every so many looks.
    private static let timeoutPeriod = 60

    init(
        _ component: EventText, paths: EventPaths, loop: EventLoop, outputLimit: Int,
        legacySocket: String, hear: @escaping Hearing, report: @escaping Report
    ) {
        self.component = component
        self.loop = loop
        self.outputLimit = outputLimit
        self.legacySocket = legacySocket
        self.report = report
        self.hear = hear
        pidFile = paths.pidFile
        folder = paths.component(component.bytes)
        client = LegacyEventClient(path: paths.socket, loop: loop)
    }

    deinit { stop() }

    /// Begins to hear.
    ///
    /// - Parameter isComparing: whether to compare too.
    func start(isComparing: Bool) {
        guard timer == nil || isComparing != self.isComparing else { return }
        if timer == nil { timer = loop.makeTimer { [unowned self] in look() } }
        self.isComparing = isComparing
        askedAt = nil
        closeWorker()
        if isComparing { openWorker() }
        look()
    }

    private func openWorker() {
        worker = try? Worker(on: loop) { path in
            let session = try? LegacySession(socketPath: path, within: .seconds(5))
            defer { session?.close() }
            return try? session?.ask(
                .tunable("EventScriptTimeout"), within: .seconds(5))
        } answered: { [weak self] seconds in
            self?.timeout = seconds.map { .seconds(Int64($0)) }
        }
        lookCount = 0
    }

    private func closeWorker() {
        worker?.close()
        worker = nil
    }

    /// Hears and compares no more.
    func stop() {
        if let timer { loop.removeTimer(timer) }
        timer = nil
        closeWorker()
        client.close()
    }

    private func look() {
        guard let timer else { return }
        if lookCount % Self.timeoutPeriod == 0, worker?.unfinishedCount == 0 {
            worker?.submit(legacySocket)
        }
        lookCount += 1
        loop.arm(timer, at: loop.now.advanced(byMilliseconds: Self.period))
        let count = scriptCount
        guard count != askedAt || count == nil else { return }
        askedAt = count
        LegacyHistory(client).ask([component]) { [weak self] answer in
            guard let self else { return }
            if case .success(let memories) = answer { take(memories) }
            loop.atEndOfIteration { [weak self] in self?.client.rest() }
        }
    }

    private func take(_ memories: [LegacyHistory.Memory]) {
        guard timer != nil else { return }
        for memory in memories { hear(memory.event, memory.status) }
        // What the folder is now, it was when an event began that began after its last change.
        guard isComparing, let contents = try? folder.contents() else { return }
        for memory in memories { judge(memory, contents) }
    }

    private var scriptCount: ScriptCount? {
        let text = (try? SmallFile.read(pidFile, limit: 64)) ?? []
        let digits = String(decoding: text.prefix { $0 != 10 }, as: UTF8.self)
        guard let pid = Int32(digits), let faults = ProcessFacts(pid: pid).faultsOfChildren else {
            return nil
        }
        return ScriptCount(pid: pid, faults: faults)
    }

    private func judge(_ memory: LegacyHistory.Memory, _ contents: ScriptFolder.Contents) {
        guard let begin = memory.status.scripts.first?.begin,
            seen[memory.event] != begin
        else { return }
        seen[memory.event] = begin
        guard contents.isUnchanged(since: begin) else { return }
        let record = EventRecord(
            component: component, event: memory.event, timeout: timeout, contents: contents,
            status: memory.status, outputLimit: outputLimit)
        guard !record.contradictsTimeout else { return }
        report(memory.event, record.differences, record)
    }
}

extension ScriptFolder.Contents {
    /// Whether neither the folder nor a script has been changed since.
    func isUnchanged(since moment: Timeval) -> Bool {
        // Times of files are those of the clock's last tick.
        changedMicroseconds < moment.inMicroseconds - 20_000
    }
}

extension EventRecord {
    /// Describes what was made of an event that ran the scripts of a folder.
    init(
        component: EventText, event: EventText, timeout: Duration?,
        contents: ScriptFolder.Contents, status: EventStatus, outputLimit: Int
    ) {
        self.init(
            component: component, event: event, timeout: timeout,
            scripts: contents.scripts.map {
                Script(name: EventText($0.name), isEnabled: $0.isExecutable)
            }, status: status, outputLimit: outputLimit)
    }
}
