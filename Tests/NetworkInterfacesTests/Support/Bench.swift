// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkInterfaces
import NetworkWire
import Sockets
import Testing
import Vocabulary

/// A loop with a control on a host; every call runs on the host's thread.
final class Bench: @unchecked Sendable {
    let host: Host
    let loop: EventLoop
    let control: NetworkControl
    var reports: [NetworkControl.Report] = []

    init(_ host: Host, reportByteCount: Int32 = 1 << 20) throws {
        self.host = host
        (loop, control) = try host.run {
            let loop = try EventLoop()
            return (loop, try NetworkControl(loop: loop, reportByteCount: reportByteCount))
        }
        _ = control.watch { [unowned self] in reports.append($0) }
    }

    /// Runs the loop until a condition holds, with an end.
    func turn(_ what: String, until condition: @escaping () -> Bool) throws {
        try host.run { [self] in
            let end = EventLoop.clock().advanced(by: .seconds(60))
            while !condition() {
                guard EventLoop.clock() < end else { throw Trouble("never: \(what)") }
                try loop.iterate(until: EventLoop.clock().advanced(by: .milliseconds(20)))
            }
        }
    }

    /// Runs the loops of several machines until a condition holds, with an end.
    static func turn(
        _ benches: [Bench], _ what: String, until condition: @escaping () throws -> Bool
    ) throws {
        let end = EventLoop.clock().advanced(by: .seconds(60))
        while try !condition() {
            guard EventLoop.clock() < end else { throw Trouble("never: \(what)") }
            for bench in benches {
                try bench.host.run {
                    _ = try bench.loop.iterate(
                        until: EventLoop.clock().advanced(by: .milliseconds(2)))
                }
            }
        }
    }

    func add(
        _ places: [InterfaceAddress], detection: NetworkControl.DuplicateDetection = .off
    ) throws -> [NetworkControl.Outcome] {
        var result: [NetworkControl.Outcome]?
        try host.run { [self] in control.add(places, detection: detection) { result = $0 } }
        try turn("added") { result != nil }
        return result ?? []
    }

    func remove(_ places: [InterfaceAddress]) throws -> [NetworkControl.Outcome] {
        var result: [NetworkControl.Outcome]?
        try host.run { [self] in control.remove(places) { result = $0 } }
        try turn("removed") { result != nil }
        return result ?? []
    }
}

func place(_ text: String, _ prefixLength: UInt8 = 24, on interface: String = "eth0") throws
    -> InterfaceAddress
{
    InterfaceAddress(
        try #require(IPAddress(text)), prefixLength: prefixLength, on: interface)
}
