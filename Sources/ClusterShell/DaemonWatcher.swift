// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ClusterCore
import MessagingCore
import PeerClient
import PeerWire
import Sockets
import StageCore
import Vocabulary

/// Asks the daemons of this node how they stand, and notices when one of them ends.
final class DaemonWatcher {
    private static let patienceMilliseconds: UInt32 = 1500

    private let endpoint: PeerEndpoint
    private let directory: String
    private let loop: EventLoop
    private let report: (ObserverCore.Event) -> Void
    private var watched: [ClusterFunction: Watched] = [:]
    private var underWay: Set<ClusterFunction> = []

    private final class Watched {
        let process: ProcessWatch
        var token: EventLoop.Token?
        init(_ process: ProcessWatch) { self.process = process }
    }

    /// Makes a watcher.
    ///
    /// - Parameters:
    ///   - endpoint: what asks.
    ///   - directory: where the daemons' sockets are.
    ///   - loop: the endpoint's loop.
    ///   - report: takes the news.
    init(
        endpoint: PeerEndpoint, directory: String, loop: EventLoop,
        report: @escaping (ObserverCore.Event) -> Void
    ) {
        self.endpoint = endpoint
        self.directory = directory
        self.loop = loop
        self.report = report
    }

    /// Asks the daemons of functions; one that has not answered yet is not asked again.
    func ask(_ functions: [ClusterFunction]) {
        for function in functions where underWay.insert(function).inserted {
            endpoint.send(
                to: address(function), .request, procedure: PeerProtocol.stageStatus, payload: [],
                timeoutMilliseconds: Self.patienceMilliseconds,
                completion: { [weak self] completion in self?.take(function, completion) })
        }
    }

    /// Tells the daemons of functions that stages have changed; those that are away are not.
    func tell(_ functions: [ClusterFunction]) {
        for function in functions where watched[function] != nil {
            endpoint.send(
                to: address(function), .message, procedure: PeerProtocol.stageChanged, payload: [],
                timeoutMilliseconds: Self.patienceMilliseconds)
        }
    }

    /// Kills a daemon, if it is still this process.
    func kill(_ function: ClusterFunction, pid: UInt32) {
        guard let one = watched[function], UInt32(clamping: one.process.pid) == pid else { return }
        try? one.process.kill()
    }

    /// Watches nobody any more.
    func close() {
        for one in watched.values { if let token = one.token { loop.remove(token) } }
        watched = [:]
    }

    private func address(_ function: ClusterFunction) -> Address {
        Address(node: .current, service: function.service, instance: Instance(rawValue: 0))
    }

    private func take(_ function: ClusterFunction, _ completion: Completion) {
        underWay.remove(function)
        switch completion {
        case .answered(let reply):
            guard !reply.isRefusal, let status = try? StageStatus.decode(reply.payload) else {
                return silent(function)
            }
            watch(function, status.pid)
            report(.answered(function, status))
        case .failed(.noSuchService, _), .failed(.serviceGone, _): report(.absent(function))
        case .failed, .delivered, .broadcast: silent(function)
        }
    }

    /// A daemon does not answer: one that never has is found by its socket.
    private func silent(_ function: ClusterFunction) {
        report(.silent(function))
        guard watched[function] == nil else { return }
        let path = "\(directory)/\(function.service.socketName(Instance(rawValue: 0)))"
        let owners = ProcessFacts.owners(ofSocketAt: path)
        guard owners.count == 1, let pid = owners.first else { return }
        watch(function, UInt32(clamping: pid))
        report(.seen(function, pid: UInt32(clamping: pid)))
    }

    private func watch(_ function: ClusterFunction, _ pid: UInt32) {
        guard let pid = Int32(exactly: pid), watched[function]?.process.pid != pid else { return }
        forget(function)
        guard let process = try? ProcessWatch(pid: pid) else { return }
        let one = Watched(process)
        one.token = try? loop.register(process.descriptor, for: .read) { [weak self] _ in
            self?.forget(function)
            self?.report(.ended(function, pid: UInt32(clamping: pid)))
        }
        watched[function] = one
    }

    private func forget(_ function: ClusterFunction) {
        if let token = watched.removeValue(forKey: function)?.token { loop.remove(token) }
    }
}
