// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Vocabulary

extension IPAddress {
    /// The address without its port; nil for one that is neither IPv4 nor IPv6.
    public init?(_ address: SocketAddress) {
        switch address {
        case .ipv4(let address, _): self = .ipv4(address)
        case .ipv6(let high, let low, _, _, _): self = .ipv6(high: high, low: low)
        case .other: return nil
        }
    }
}

extension SocketAddress {
    /// An address as the old protocol has it.
    public init(_ address: IPAddress, port: UInt16 = 0) {
        switch address.family {
        case .ipv4: self = .ipv4(address: UInt32(truncatingIfNeeded: address.low), port: port)
        case .ipv6:
            self = .ipv6(high: address.high, low: address.low, port: port, flow: 0, scope: 0)
        }
    }
}
