// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerClient
import PeerWire
import Sockets
import Testing
import Vocabulary

/// What a daemon tells clusterd arrives, whichever of them is there first.
@Suite struct ChangeReporterTests {
    private let scratch: ScratchDirectory
    private let loop: EventLoop
    private let daemon: PeerEndpoint
    private let reporter: ChangeReporter

    init() throws {
        scratch = try ScratchDirectory()
        loop = try EventLoop()
        daemon = try PeerEndpoint(
            directory: scratch.path, service: .address,
            instance: try PeerEndpoint.newInstance(), loop: loop)
        reporter = ChangeReporter(endpoint: daemon, loop: loop)
    }

    /// One who takes changes as clusterd does.
    private func observer(_ taken: @escaping (StateChange) -> Bool) throws -> PeerEndpoint {
        let endpoint = try PeerEndpoint(
            directory: scratch.path, service: .cluster,
            instance: try PeerEndpoint.newInstance(), loop: loop)
        endpoint.received = { [unowned endpoint] inbound in
            guard inbound.procedure == PeerProtocol.clusterChange, let handle = inbound.handle,
                let change = try? StateChange.decode(inbound.payload)
            else { return }
            let refusal = (try? Refusal(code: .failed, text: "").encoded()) ?? []
            endpoint.answer(handle, taken(change) ? .reply([]) : .refusal(refusal[...]))
        }
        return endpoint
    }

    private func wait(_ isSo: () -> Bool) throws {
        let end = EventLoop.clock().advanced(by: .seconds(100))
        while !isSo(), EventLoop.clock() < end {
            try loop.iterate(until: EventLoop.clock().advanced(by: .milliseconds(50)))
        }
        #expect(isSo())
    }

    @Test func theLatestStateOfEachSubjectArrives() throws {
        var states: [String: String] = [:]
        let observer = try observer { change in
            states[change.subject] = change.state
            return true
        }
        for number in 0..<20 { reporter.tell(.address, "10.0.0.1", "s\(number)") }
        reporter.tell(.address, "10.0.0.2", "taken", details: [("interface", "eth0")])
        try wait { reporter.waitingCount == 0 }
        #expect(states == ["10.0.0.1": "s19", "10.0.0.2": "taken"])
        observer.close()
    }

    @Test func whatIsRefusedOrNotHeardIsToldAgain() throws {
        reporter.tell(.address, "10.0.0.1", "taken")
        reporter.tell(.address, "10.0.0.2", "taken")
        reporter.tell(.address, "10.0.0.1", "released")
        #expect(reporter.waitingCount == 2)
        var refusals = 0
        var states: [String: String] = [:]
        let observer = try observer { change in
            guard refusals >= 1 else {
                refusals += 1
                return false
            }
            states[change.subject] = change.state
            return true
        }
        try wait { reporter.waitingCount == 0 }
        #expect(refusals == 1)
        #expect(states == ["10.0.0.1": "released", "10.0.0.2": "taken"])
        observer.close()
    }
}
