// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import MessagingCore
import PeerWire
import Sockets
import Vocabulary
import XDR

/// An endpoint on an event loop: what a daemon or a client talks the new protocol through.
///
/// All closures run on the loop's thread. What is sent within one turn of the loop leaves together.
public final class PeerEndpoint {
    private var core: EndpointCore
    private let loop: EventLoop
    private var socket: FrameSocket?
    private var timer: EventLoop.TimerToken?
    private var callers = CallerTable()
    /// Room for the effects of an event.
    private var spare: [EndpointCore.Effect] = []
    private var isTurning = false
    private var hasEvents = false
    /// Ends a turn; made once, for it is put down in every turn.
    private var ending: () -> Void = {}

    /// Called for each message and request.
    public var received: ((Inbound) -> Void)?
    /// Called for each thing that happens to a stream.
    public var streamed: ((StreamEvent) -> Void)?
    /// Called for what a log may want to know.
    public var noted: ((EndpointCore.Note) -> Void)?
    /// Called when there is no proxy at its socket; what was sent waits a while for one.
    public var missedProxy: (() -> Void)?
    /// Called when a datagram is refused before it is looked into.
    public var refusedSender: ((Credentials) -> Void)?

    /// Binds the socket and greets the proxy.
    ///
    /// - Parameters:
    ///   - directory: the run directory of this node's daemons.
    ///   - service: what this process provides; `.client` for a client.
    ///   - instance: this life; for a client it names the socket.
    ///   - loop: where everything happens.
    ///   - settings: the limits.
    ///   - userIDs: whose processes may talk to it; root always may.
    /// - Throws: what is wrong with the directory or the socket, and what to do about it.
    public init(
        directory: String, service: Service, instance: Instance, loop: EventLoop,
        settings: EndpointSettings = EndpointSettings(), userIDs: Set<UInt32> = []
    ) throws(SystemError) {
        self.loop = loop
        core = EndpointCore(
            service: service, instance: instance, settings: settings,
            seed: try ProcessEnvironment.randomSeed())
        socket = try FrameSocket(
            directory: directory, service: service, instance: instance, userIDs: userIDs,
            loop: loop
        ) { [unowned self] arrival in take(arrival) }
        ending = { [weak self] in self?.turn() }
        timer = loop.makeTimer { [unowned self] in handle(.wake) }
        handle(.started)
    }

    /// Makes an instance for a new process: random, never 0.
    public static func newInstance() throws(SystemError) -> Instance {
        Instance(rawValue: try ProcessEnvironment.randomSeed() | 1)
    }

    /// Makes an instance for a client, of which a process may have several.
    public static func newClientInstance() throws(SystemError) -> Instance {
        let number = UInt32(truncatingIfNeeded: try ProcessEnvironment.randomSeed())
        return Instance(pid: Credentials.own.pid, number: number | 1)
    }

    /// Who this is; the node is `PNN.current` until the proxy has told it.
    public var address: Address { core.own }
    /// Whether nothing that was sent lacks its outcome.
    public var isIdle: Bool { core.isIdle }
    /// The state of the hop to the proxy.
    public var proxyState: Link.State? { core.proxyState }

    /// Sends something.
    ///
    /// - Parameters:
    ///   - destination: who is meant.
    ///   - kind: message, request or answer.
    ///   - lane: the lane.
    ///   - procedure: what is asked of the service.
    ///   - payload: at most 256 MiB.
    ///   - timeoutMilliseconds: for how long it is worth anything.
    ///   - reply: for a broadcast request: called for each node's answer.
    ///   - completion: called once with what became of it; nil when nobody wants to know.
    public func send(
        to destination: Address, _ kind: Outbound.Kind, lane: Lane = .normal,
        procedure: UInt32 = 0, payload: ArraySlice<UInt8>, timeoutMilliseconds: UInt32? = nil,
        reply: ((Reply) -> Void)? = nil, completion: ((Completion) -> Void)? = nil
    ) {
        var token: UInt64 = 0
        if completion != nil || reply != nil {
            token = callers.add(completion: completion, reply: reply)
        }
        handle(
            .send(
                Outbound(
                    token: token, to: destination, kind: kind, lane: lane, procedure: procedure,
                    payload: payload, timeoutMilliseconds: timeoutMilliseconds)))
    }

    /// Answers a request.
    public func answer(_ handle: RequestHandle, _ answer: Answer) {
        self.handle(.answer(handle, answer))
    }

    /// Does something with a stream.
    public func stream(_ command: StreamCommand) { handle(.stream(command)) }

    /// Sends everything that may go now; done by itself at the end of each turn of the loop.
    public func turn() {
        guard hasEvents, !isTurning else { return }
        isTurning = true
        hasEvents = false
        run(.turnEnded)
        isTurning = false
    }

    /// Says goodbye and closes the socket.
    public func close() {
        run(.closing)
        socket?.close()
        socket = nil
        if let timer { loop.removeTimer(timer) }
        timer = nil
    }

    private func take(_ arrival: FrameSocket.Arrival) {
        switch arrival {
        case .datagram(let bytes, _): handle(.frame(bytes))
        case .unauthorised(let credentials), .tooLarge(let credentials):
            refusedSender?(credentials)
        case .failed: break
        case .refused(let service, let instance):
            let hop: Hop = service == .proxy ? .proxy : .local(service, instance)
            handle(.refused(hop))
            if hop == .proxy { missedProxy?() }
        }
    }

    /// Shows a recorder on this node what comes and goes.
    private func record(_ inbound: Inbound) -> Answer {
        guard inbound.source.node == address.node || inbound.source.node == .current else {
            return Self.refusal(.notPermitted, "only a recorder on this node can be shown anything")
        }
        let request: RecordRequest
        do throws(WireError) {
            request = try RecordRequest.decode(inbound.payload)
        } catch {
            return Self.refusal(.badPayload, "\(error)")
        }
        do throws(SystemError) {
            try socket?.record(request, as: address)
            return .reply([])
        } catch {
            return Self.refusal(.failed, "\(error)")
        }
    }

    private static func refusal(_ code: RefusalCode, _ text: String) -> Answer {
        let short = String(decoding: text.utf8.prefix(512), as: UTF8.self)
        return .refusal(((try? Refusal(code: code, text: short).encoded()) ?? [])[...])
    }

    private func handle(_ event: EndpointCore.Event) {
        if !hasEvents {
            hasEvents = true
            loop.atEndOfIteration(ending)
        }
        run(event)
    }

    private func run(_ event: EndpointCore.Event) {
        // What an effect calls may bring the next event.
        var effects: [EndpointCore.Effect] = []
        swap(&effects, &spare)
        core.handle(event, at: loop.now, into: &effects)
        perform(effects)
        effects.removeAll(keepingCapacity: true)
        swap(&effects, &spare)
    }

    private func perform(_ effects: [EndpointCore.Effect]) {
        for effect in effects {
            switch effect {
            case .transmit(.proxy, let frame):
                socket?.send(frame, to: .proxy, Instance(rawValue: 0))
            case .transmit(.local(let service, let instance), let frame):
                socket?.send(frame, to: service, instance)
            case .receive(let inbound):
                if inbound.procedure == PeerProtocol.recordStart, let handle = inbound.handle {
                    answer(handle, record(inbound))
                } else {
                    received?(inbound)
                }
            case .reply(let token, let reply): callers.reply(token)?(reply)
            case .finish(let token, let completion): callers.remove(token)?(completion)
            case .stream(let event): streamed?(event)
            case .wake(let instant): if let timer { loop.arm(timer, at: instant) }
            case .note(let note): noted?(note)
            }
        }
    }
}
