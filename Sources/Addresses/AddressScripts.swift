// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import Events
import LegacyWire
import Sockets
import Vocabulary

/// Runs ctdbd's event scripts for addresses that are moved here and not by ctdbd.
///
/// They are those of the folder that ctdbd's events have, but for the ones whose work is done here:
/// 10.interface puts addresses on interfaces.
final class AddressScripts {
    /// How an event went: 0, or the result of the script that failed.
    typealias Completion = (Int32) -> Void

    private static let component: EventText = "legacy"
    private var engine: EventEngine?
    private var waiting: [EventCore.Asker: Completion] = [:]
    private var count: UInt64 = 0

    /// Makes one that runs nothing yet.
    init(_ paths: EventPaths, log: LegacyLog, loop: EventLoop, leftOut: Set<String>) {
        let engine = EventEngine(EventConfiguration(), paths: paths, log: log, loop: loop) {
            [unowned self] asker, reply in
            guard let completion = waiting.removeValue(forKey: asker) else { return }
            if case .run(let result) = reply { completion(result) } else { completion(-1) }
        }
        engine.surroundings = ChildProcess.Surroundings(endsWithParent: true)
        self.engine = engine
        setLeftOut(leftOut)
    }

    /// Has scripts find what they would find with ctdbd: its environment, folder and limits.
    ///
    /// - Parameters:
    ///   - facts: of ctdbd.
    ///   - folder: the configuration, which ctdbd tells its children by itself.
    func surround(with facts: ProcessFacts, folder: String) {
        let base = Array("CTDB_BASE=".utf8)
        var environment = facts.environment ?? []
        if !environment.contains(where: { $0.starts(with: base) }) {
            environment.append(base + Array(folder.utf8))
        }
        engine?.surroundings = ChildProcess.Surroundings(
            environment: environment, directory: facts.directory,
            fileModeMask: facts.fileModeMask, limitsOf: facts.pid, endsWithParent: true)
    }

    /// Leaves other scripts out from now on.
    func setLeftOut(_ names: Set<String>) {
        engine?.leftOut = Set(names.map { EventText(Array($0.utf8)) })
    }

    /// Whether nothing runs and nothing waits.
    var isIdle: Bool { waiting.isEmpty }

    /// Runs the scripts of an event, after those that were ordered before.
    func run(
        _ event: String, _ words: [String], timeout: Duration, completion: @escaping Completion
    ) {
        count &+= 1
        let asker = EventCore.Asker(client: count, reqid: Reqid(rawValue: 0))
        waiting[asker] = completion
        engine?.order(
            EventCore.Order(
                event: EventText(Array(event.utf8)),
                words: words.map { EventText(Array($0.utf8)) }, timeout: timeout),
            in: Self.component, for: asker)
    }

    /// Ends all scripts; nobody is told.
    func close() {
        waiting = [:]
        engine?.close()
    }
}
