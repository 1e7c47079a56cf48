// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import MessagingCore
import PeerClient
import PeerWire
import Sockets
import Vocabulary
import XDR

/// What the processes of the new protocol on this node send and receive, as they show it.
///
/// Every process that has a socket in the run directory is asked to connect; one that starts later,
/// or again, is asked then.
package final class ProcessSource {
    /// What there is to record.
    package enum Event {
        /// A process shows itself.
        case opened(Service)
        /// A process shows something.
        case record(Service, RecordStream.Record)
        /// A process has gone, or does not do as it should.
        case closed(Service, WireError?)
        /// A process could not be asked, or refuses.
        case refused(Service, String)
    }

    private static let askMilliseconds: UInt64 = 1_000
    private static let readByteCount = 262_144

    private final class Connection {
        let stream: StreamSocket
        let pid: Int32
        var token: EventLoop.Token?
        var records = RecordStream()
        var service: Service?

        init(_ stream: StreamSocket, pid: Int32) {
            self.stream = stream
            self.pid = pid
        }
    }

    private let plan: RecordingPlan.Processes
    private let directory: String
    private let loop: EventLoop
    private let socketName: String
    private let listener: StreamListener
    private let endpoint: PeerEndpoint
    private let told: (Event) -> Void
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var asked: Set<Service> = []
    private var refusals: [Service: String] = [:]
    private var timer: EventLoop.TimerToken?
    private var listening: EventLoop.Token?
    private var scratch = [UInt8](repeating: 0, count: readByteCount)

    /// Asks everybody who is there.
    ///
    /// - Parameters:
    ///   - plan: who is asked.
    ///   - directory: the run directory of the node's daemons.
    ///   - name: the name of the recording.
    ///   - loop: where everything happens.
    ///   - told: what there is to tell.
    /// - Throws: what is wrong with the directory or the sockets.
    package init(
        _ plan: RecordingPlan.Processes, directory: String, name: String, loop: EventLoop,
        told: @escaping (Event) -> Void
    ) throws(SystemError) {
        self.plan = plan
        self.directory = directory
        self.loop = loop
        self.told = told
        socketName = "capture-\(name).sock"
        listener = try StreamListener(boundTo: "\(directory)/\(socketName)")
        endpoint = try PeerEndpoint(
            directory: directory, service: .client,
            instance: try PeerEndpoint.newClientInstance(), loop: loop)
        listening = try loop.register(listener.descriptor, for: .read) { [unowned self] _ in
            accept()
        }
        timer = loop.makeTimer { [unowned self] in ask() }
        ask()
    }

    /// Lets everybody go.
    package func close() {
        if let timer { loop.removeTimer(timer) }
        if let listening { loop.remove(listening) }
        timer = nil
        listening = nil
        for connection in connections.values {
            // What they have shown is taken before they are let go.
            read(connection, turns: .max)
            if let token = connection.token { loop.remove(token) }
        }
        connections = [:]
        endpoint.close()
    }

    /// The services that there are processes of in the run directory.
    private var present: [Service] {
        let names = (try? Folder.names(in: directory)) ?? []
        return names.compactMap { name in
            guard name.hasSuffix(".sock") else { return nil }
            let service = Service(name: String(name.dropLast(5)))
            return service == .client ? nil : service
        }
    }

    private func ask() {
        if let timer {
            loop.arm(timer, at: loop.now.advanced(byMilliseconds: Self.askMilliseconds))
        }
        let shown = Set(connections.values.compactMap(\.service))
        for service in present where !shown.contains(service) && !asked.contains(service) {
            if let chosen = plan.services, !chosen.contains(service) { continue }
            ask(service)
        }
    }

    private func ask(_ service: Service) {
        let request = RecordRequest(
            name: socketName,
            bufferBytes: UInt32(clamping: UInt64(plan.bufferMebibytes) << 20))
        guard let payload = try? request.encoded() else { return }
        asked.insert(service)
        endpoint.send(
            to: Address(node: .current, service: service, instance: Instance(rawValue: 0)),
            .request, procedure: PeerProtocol.recordStart, payload: payload[...],
            timeoutMilliseconds: 5_000,
            completion: { [weak self] completion in self?.answered(service, completion) })
    }

    private func answered(_ service: Service, _ completion: Completion) {
        asked.remove(service)
        switch completion {
        case .answered(let reply) where reply.isRefusal:
            let refusal = try? Refusal.decode(reply.payload)
            refuse(service, refusal?.text ?? "it refuses")
        case .failed(let code, _): refuse(service, "\(code)")
        case .answered, .delivered, .broadcast: refusals[service] = nil
        }
    }

    /// Tells why a process shows nothing, each reason once.
    private func refuse(_ service: Service, _ why: String) {
        guard refusals[service] != why else { return }
        refusals[service] = why
        told(.refused(service, why))
    }

    private func accept() {
        while case .connection(let stream) = listener.accept() {
            guard let peer = try? stream.peerCredentials(),
                peer.uid == 0 || peer.uid == Credentials.own.uid
            else { continue }
            let connection = Connection(stream, pid: peer.pid)
            let id = ObjectIdentifier(connection)
            connection.token = try? loop.register(stream.descriptor, for: .read) {
                [weak self, weak connection] _ in
                if let connection { self?.read(connection, turns: 4) }
            }
            connections[id] = connection
        }
    }

    private func read(_ connection: Connection, turns: Int) {
        for _ in 0..<turns {
            switch connection.stream.read(into: &scratch) {
            case .bytes(let bytes):
                connection.records.append(bytes)
                guard take(connection) else { return }
            case .wouldBlock: return
            case .closed, .failed:
                end(connection, nil)
                return
            }
        }
    }

    /// Hands on what has come; false when the process does not do as it should.
    private func take(_ connection: Connection) -> Bool {
        do throws(WireError) {
            while let record = try connection.records.next() {
                if record.front.kind == .recordSelf {
                    let own = try Address.decode(record.bytes)
                    connection.service = own.service
                    told(.opened(own.service))
                } else if let service = connection.service {
                    told(.record(service, record))
                }
            }
            return true
        } catch {
            end(connection, error)
            return false
        }
    }

    private func end(_ connection: Connection, _ error: WireError?) {
        if let token = connection.token { loop.remove(token) }
        connection.token = nil
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        if let service = connection.service { told(.closed(service, error)) }
    }
}
