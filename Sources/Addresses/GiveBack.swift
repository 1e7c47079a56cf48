// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import AddressCore
import AddressShell
import ClusterConfiguration
import LegacyClient
import LegacyWire
import NetworkInterfaces
import Sockets
import Vocabulary

/// Gives ctdbd the public addresses of this node back, for a daemon that cannot do it itself.
///
/// It adds those of the file that ctdbd lacks, takes from the interfaces what ctdbd does not say
/// that it hosts, and asks for a takeover run. While a daemon runs, it does nothing: that one
/// decides.
public struct GiveBack {
    private let settings: AddressSettings
    private static let limit = Duration.seconds(5)

    /// Makes one by the configuration.
    public init(_ settings: AddressSettings) { self.settings = settings }

    /// Does it.
    ///
    /// - Returns: lines that say what was done.
    /// - Throws: what stands in the way.
    public func run() throws(AddressFailure) -> [String] {
        guard let lock = try? InstanceLock(path: settings.runDirectory + "/address.lock") else {
            return ["a daemon runs: nothing is given back"]
        }
        // The lock is held until here is the end.
        defer { withExtendedLifetime(lock) {} }
        do throws(LegacyFailure) {
            let session = try LegacySession(
                socketPath: settings.stages.legacySocket, within: Self.limit)
            defer { session.close() }
            return try giveBack(session)
        } catch {
            throw .legacy(error)
        }
    }

    private func giveBack(_ session: LegacySession) throws(LegacyFailure) -> [String] {
        let configured = settings.addresses.entries.prefix(settings.addresses.fileCount)
        let known = try session.ask(.publicIPs(), within: Self.limit).addresses
        let there = Set(known.compactMap { PublicAddress($0.address) })
        let missing = configured.filter { !there.contains($0.address) }
        guard !missing.isEmpty else { return ["ctdbd has its addresses: nothing is given back"] }
        let own = session.pnn
        let hosted = Set(
            known.filter { $0.pnn == own }.compactMap { PublicAddress($0.address) })
        let removed = removeFromInterfaces(
            configured.map(\.address).filter { !hosted.contains($0) })
        let results = session.ask(
            missing.map { entry in
                LegacySession.Question(
                    .command(
                        .addPublicIP(
                            AddressInfo(
                                address: SocketAddress(entry.address),
                                maskBits: UInt32(entry.prefixLength),
                                interface: entry.interfaces.joined(separator: ",")))), of: own)
            }, within: Self.limit)
        for case .failure(let failure) in results { throw failure }
        // The leader's recovery daemon deals them out.
        var writer = LegacyLayout.native.writer(capacity: 16)
        SrvIDMessage(pnn: own, replyTo: SrvID(rawValue: 0)).encode(into: &writer, layout: .native)
        try session.send(writer.finish(), to: .takeoverRun, at: .broadcastConnected)
        _ = session.flush(within: Self.limit)
        return [
            "gave \(missing.count) addresses back to ctdbd, "
                + "after taking \(removed) from interfaces"
        ]
    }

    /// Takes addresses from wherever they are; how many there were.
    private func removeFromInterfaces(_ addresses: [PublicAddress]) -> Int {
        guard let loop = try? EventLoop(), let control = try? NetworkControl(loop: loop) else {
            return 0
        }
        defer { control.close() }
        let places = addresses.flatMap { control.table.places(of: $0).map(\.place) }
        guard !places.isEmpty else { return 0 }
        var count: Int?
        control.remove(places) { outcomes in count = outcomes.count { $0 == .done } }
        let end = EventLoop.clock().advanced(by: Self.limit)
        while count == nil, EventLoop.clock() < end { _ = try? loop.iterate(until: end) }
        return count ?? 0
    }
}
