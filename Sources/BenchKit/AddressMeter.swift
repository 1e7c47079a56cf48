// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkInterfaces
import Sockets
import Vocabulary

/// Measures how long it takes until an address is on an interface and announced.
public struct AddressMeter {
    /// What to measure.
    public struct Plan: Sendable {
        /// The first address; the others follow it.
        public var first: IPAddress
        /// The length of the prefix.
        public var prefixLength: UInt8
        /// The interface.
        public var interface: String
        /// So many addresses.
        public var count: Int
        /// Whether all are added in one go.
        public var atOnce: Bool

        /// Makes a plan.
        public init(
            first: IPAddress, prefixLength: UInt8, interface: String, count: Int, atOnce: Bool
        ) {
            self.first = first
            self.prefixLength = prefixLength
            self.interface = interface
            self.count = count
            self.atOnce = atOnce
        }

        var places: [InterfaceAddress] {
            (0..<count).map { index in
                let low = first.low &+ UInt64(index)
                let address: IPAddress =
                    first.family == .ipv4
                    ? .ipv4(UInt32(truncatingIfNeeded: low)) : .ipv6(high: first.high, low: low)
                return InterfaceAddress(address, prefixLength: prefixLength, on: interface)
            }
        }
    }

    private let loop: EventLoop
    private let control: NetworkControl
    private let announcer: Announcer
    private let plan: Plan

    /// Opens what is needed.
    ///
    /// - Throws: what the kernel refuses; `EPERM` without CAP_NET_RAW.
    public init(_ plan: Plan) throws(BenchError) {
        self.plan = plan
        do throws(SystemError) {
            loop = try EventLoop()
            control = try NetworkControl(loop: loop)
            announcer = try Announcer(control)
        } catch {
            throw .system(error)
        }
    }

    /// Adds and announces the addresses, and takes them away again.
    ///
    /// - Returns: microseconds for each address, or for all of them at once, from the order until
    ///   the first announcement is with the driver.
    /// - Throws: what the kernel refused.
    public func run() throws(BenchError) -> [Double] {
        let batches = plan.atOnce ? [plan.places] : plan.places.map { [$0] }
        var times: [Double] = []
        do throws(SystemError) {
            for batch in batches { times.append(try take(batch)) }
            for batch in batches { try release(batch) }
        } catch {
            throw .system(error)
        }
        return times
    }

    private func take(_ places: [InterfaceAddress]) throws(SystemError) -> Double {
        let start = EventLoop.clock()
        var end: Instant?
        var failure: SystemError?
        control.add(places) { outcomes in
            for case .failed(let error) in outcomes { failure = error }
            announcer.announce(places)
            end = EventLoop.clock()
        }
        while end == nil { try loop.iterate(until: EventLoop.clock()) }
        if let failure { throw failure }
        return Double((end ?? start).nanoseconds - start.nanoseconds) / 1000
    }

    private func release(_ places: [InterfaceAddress]) throws(SystemError) {
        var isDone = false
        announcer.withdraw(places.map(\.address))
        control.remove(places) { _ in isDone = true }
        while !isDone { try loop.iterate(until: EventLoop.clock()) }
    }
}
