// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import EventCore
import LegacyWire
import Sockets
import Vocabulary

/// Runs an event core: scripts, folders, time and log.
///
/// Who asks, and how, is somebody else's.
/// Effects are carried out in their order, and what they lead to is handled after the last of them.
public final class EventEngine {
    /// Takes an answer for whoever asked.
    public typealias Answer = (EventCore.Asker, EventReply) -> Void

    /// Scripts that are there and are not run here, without ".script": somebody does their work.
    public var leftOut: Set<EventText> = []
    /// Called for what is worth a line in the log, before what it leads to.
    var noted: ((EventCore.Note) -> Void)?
    private let paths: EventPaths
    private let loop: EventLoop
    private let log: LegacyLog
    private let answer: Answer
    private var core: EventCore
    private var configuration: EventConfiguration
    private var runner: ScriptRunner?
    private var timer: EventLoop.TimerToken?
    private var pending: [EventCore.Event] = []
    private var isHandling = false

    /// Makes an engine that has nothing to do.
    ///
    /// - Parameters:
    ///   - configuration: the settings.
    ///   - paths: where files are.
    ///   - log: where lines go.
    ///   - loop: where everything happens.
    ///   - answer: takes the answers, also while a method of the engine runs.
    public init(
        _ configuration: EventConfiguration, paths: EventPaths, log: LegacyLog, loop: EventLoop,
        answer: @escaping Answer
    ) {
        self.configuration = configuration
        self.paths = paths
        self.log = log
        self.loop = loop
        self.answer = answer
        core = EventCore(settings: configuration.core)
        runner = ScriptRunner(loop: loop, outputLimit: configuration.outputLimit) {
            [unowned self] event in handle(event)
        }
        timer = loop.makeTimer { [unowned self] in handle(.wake) }
    }

    deinit { if let timer { loop.removeTimer(timer) } }

    /// What scripts find around them.
    public var surroundings: ChildProcess.Surroundings {
        get { runner?.surroundings ?? ChildProcess.Surroundings() }
        set { runner?.surroundings = newValue }
    }

    /// Whether no run of a component is under way or waits.
    public func isIdle(_ component: EventText) -> Bool {
        pending.isEmpty && core.isIdle(component)
    }

    /// How an event went when it last ran.
    public func status(of event: EventText, in component: EventText) -> EventStatus? {
        core.status(of: event, in: component)
    }

    /// Orders a run of an event.
    public func order(
        _ order: EventCore.Order, in component: EventText, for asker: EventCore.Asker
    ) {
        handle(.ordered(asker, component: component, order))
    }

    /// Asks for something.
    public func ask(_ asker: EventCore.Asker, _ request: EventRequest) {
        handle(.requested(asker, request))
    }

    /// Remembers how an event went that somebody else has run.
    public func remember(_ status: EventStatus, of event: EventText, in component: EventText) {
        handle(.remembered(component: component, event: event, status))
    }

    /// Ends the scripts of a component at once, and answers nobody who has asked for them.
    public func abandon(_ component: EventText) { handle(.abandoned(component)) }

    /// Goes by other settings.
    public func apply(_ changed: EventConfiguration) {
        runner?.outputLimit = changed.outputLimit
        configuration = changed
        handle(.configured(changed.core))
    }

    /// Ends all scripts.
    public func close() { runner?.killAll() }

    // MARK: Events and effects

    private func handle(_ event: EventCore.Event) {
        pending.append(event)
        guard !isHandling else { return }
        isHandling = true
        var index = 0
        while index < pending.count {
            let time = LocalTime()
            let now = Moment(
                instant: EventLoop.clock(),
                calendar: Timeval(seconds: time.seconds, microseconds: time.fraction))
            for effect in core.handle(pending[index], at: now) { perform(effect) }
            index += 1
        }
        pending.removeAll(keepingCapacity: true)
        isHandling = false
    }

    private func perform(_ effect: EventCore.Effect) {
        switch effect {
        case .open(let component):
            handle(.opened(component, errno: folder(component).check()))
        case .list(let run, let component):
            handle(.listed(run, list(component)))
        case .start(let script, let launch):
            runner?.start(
                script, file: folder(launch.component).file(of: launch.script.bytes),
                arguments: [launch.script.bytes] + launch.arguments.map(\.bytes))
        case .giveUp(let script): runner?.giveUp(script)
        case .kill(let script): runner?.kill(script)
        case .terminate(let script): runner?.terminate(script)
        case .debug(let component, let script, let event):
            runner?.debug(
                script, of: component, program: configuration.debugScript ?? "", event: event)
        case .setEnabled(let asker, let component, let script, let isEnabled):
            let errno = folder(component).setEnabled(script.bytes, isEnabled)
            handle(.changed(asker, errno: errno))
        case .reply(let asker, let reply): answer(asker, reply)
        case .wake(let instant): if let timer { loop.arm(timer, at: instant) }
        case .note(let note):
            noted?(note)
            guard note.level <= log.level else { return }
            for line in note.lines { log.write(line.level, line.bytes) }
        }
    }

    private func folder(_ component: EventText) -> ScriptFolder { paths.component(component.bytes) }

    private func list(_ component: EventText) -> EventCore.Listing {
        do throws(SystemError) {
            return .scripts(
                try folder(component).scripts().map(EventText.init)
                    .filter { !leftOut.contains($0) })
        } catch {
            return .failed(errno: error.errno)
        }
    }
}
