// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CallbackCore
import PeerWire
import Sockets
import Vocabulary

/// Runs programs when something has another state: the core, its processes, and its file.
///
/// What is known is in a file before any program is started or anybody is told that a change is
/// noted. The file is in the run directory, which a reboot empties: afterwards programs are told
/// everything anew.
public final class Callbacks {
    /// What is worth a line in the log.
    public enum Note: Sendable {
        /// The core's own notes.
        case core(CallbackCore.Note)
        /// What an earlier life has kept cannot be used: everything is told anew.
        case notRestored(CallbackFailure)
        /// What is known could not be kept.
        case notSaved(CallbackFailure)
    }

    /// This node's number, which programs are told.
    public var node: PNN?
    /// Called for what a log may want to know.
    public var noted: ((Note) -> Void)?

    private var core: CallbackCore
    private let loop: EventLoop
    private let path: String
    private var runner: CallbackRunner?
    private var timer: EventLoop.TimerToken?
    private var pending: [CallbackCore.Event] = []
    private var isHandling = false
    private var isUnsaved = false

    /// Makes callbacks; nothing runs before `start`.
    ///
    /// - Parameters:
    ///   - path: the file of what is kept across lives.
    ///   - runLimit: so many programs run at once.
    ///   - loop: where everything happens.
    public init(path: String, runLimit: Int = 16, loop: EventLoop) {
        self.path = path
        self.loop = loop
        core = CallbackCore(runLimit: runLimit)
    }

    /// Begins, with these callbacks and what an earlier life has kept.
    public func start(_ callbacks: [Callback]) {
        runner = CallbackRunner(loop: loop) { [unowned self] in handle($0) }
        timer = loop.makeTimer { [weak self] in self?.handle(.wake) }
        handle(.configured(callbacks))
        do throws(CallbackFailure) {
            handle(.restored(try SavedStates.read(path)))
        } catch {
            noted?(.notRestored(error))
        }
    }

    /// Takes other callbacks.
    public func configure(_ callbacks: [Callback]) { handle(.configured(callbacks)) }

    /// Takes a change, or the same state once more; it is kept when this returns.
    ///
    /// - Returns: whether it could be kept in the file.
    @discardableResult
    public func take(_ change: StateChange) -> Bool {
        handle(.changed(change))
        return !isUnsaved
    }

    /// Ends all programs that run; another life runs them again.
    public func close() {
        runner?.killAll()
        if let timer { loop.removeTimer(timer) }
        timer = nil
    }

    /// How everything stands.
    public var reply: CallbacksReply {
        let entries = core.registered.prefix(256).map { callback in
            CallbackEntry(
                name: callback.name, program: callback.program,
                topics: callback.topics.sorted { $0.rawValue < $1.rawValue },
                timeoutMilliseconds: UInt32(
                    clamping: Instant(nanoseconds: 0).milliseconds(
                        until: Instant(nanoseconds: 0).advanced(by: callback.timeout))))
        }
        return CallbacksReply(
            callbacks: Array(entries), statuses: Array(core.statuses.prefix(4096)))
    }

    /// The states that are known.
    public var states: StatesReply { StatesReply(states: core.states) }

    // MARK: Events and effects

    private func handle(_ event: CallbackCore.Event) {
        pending.append(event)
        guard !isHandling else { return }
        isHandling = true
        var index = 0
        while index < pending.count {
            for effect in core.handle(pending[index], at: EventLoop.clock()) { perform(effect) }
            index += 1
        }
        pending.removeAll(keepingCapacity: true)
        isHandling = false
    }

    private func perform(_ effect: CallbackCore.Effect) {
        switch effect {
        case .start(let id, let launch):
            runner?.start(id, CallbackInput(launch: launch, node: node))
        case .terminate(let id): runner?.terminate(id)
        case .kill(let id): runner?.kill(id)
        case .save: save()
        case .wake(let instant): if let timer { loop.arm(timer, at: instant) }
        case .note(let note): noted?(.core(note))
        }
    }

    private func save() {
        do throws(CallbackFailure) {
            try SavedStates.write(core.saved, to: path)
            isUnsaved = false
        } catch {
            if !isUnsaved { noted?(.notSaved(error)) }
            isUnsaved = true
        }
    }
}
