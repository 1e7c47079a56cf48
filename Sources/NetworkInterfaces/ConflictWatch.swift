// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import NetworkWire
import Sockets
import Vocabulary

/// Hears other machines claim addresses that this one has.
///
/// It only listens. Whoever watches decides what a claim means: a node of the cluster that has just
/// taken the address announces it, and so does the one that it was taken from with its last word.
public final class ConflictWatch {
    /// A claim of another machine.
    public struct Conflict: Hashable, Sendable {
        /// The address that it claims.
        public var address: IPAddress
        /// Its hardware address.
        public var hardware: HardwareAddress
        /// The index of the interface where it was heard.
        public var interface: UInt32
    }

    private let control: NetworkControl
    private let heard: (Conflict) -> Void
    private var listener: ClaimListener?

    /// Makes a watch over no address.
    public init(_ control: NetworkControl, heard: @escaping (Conflict) -> Void) {
        self.control = control
        self.heard = heard
    }

    /// Ends it.
    public func close() {
        listener?.close()
        listener = nil
    }

    /// Sets the addresses.
    ///
    /// - Throws: `EPERM` without CAP_NET_RAW.
    public func watch(_ addresses: Set<IPAddress>) throws(SystemError) {
        guard !addresses.isEmpty else { return close() }
        if let listener { return try listener.setAddresses(addresses) }
        listener = try ClaimListener(loop: control.loop, to: addresses, on: nil) {
            [weak self] claim in
            guard let self, !control.isOwn(claim.hardware) else { return }
            heard(
                Conflict(
                    address: claim.address, hardware: claim.hardware, interface: claim.interface))
        }
    }
}
