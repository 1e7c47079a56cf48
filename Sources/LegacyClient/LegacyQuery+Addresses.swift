// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import LegacyWire
import Vocabulary

// Public addresses, their interfaces and connections.

extension LegacyQuery where Answer == PublicIPList {
    /// GET_PUBLIC_IPS: the public addresses that the node knows.
    public static func publicIPs(onlyAvailable: Bool = false) -> Self {
        Self(.getPublicIPs(onlyAvailable: onlyAvailable)) {
            if case .publicIPs(let list) = $0 { list } else { nil }
        }
    }
}

extension LegacyQuery where Answer == PublicIPInfo {
    /// GET_PUBLIC_IP_INFO: one public address and its interfaces.
    public static func publicIPInfo(_ address: SocketAddress) -> Self {
        Self(.getPublicIPInfo(address)) {
            if case .publicIPInfo(let info) = $0 { info } else { nil }
        }
    }
}

extension LegacyQuery where Answer == NetworkInterfaceList {
    /// GET_IFACES: the interfaces that public addresses can be on.
    public static var interfaces: Self {
        Self(.getInterfaces) { if case .interfaces(let list) = $0 { list } else { nil } }
    }
}

extension LegacyQuery where Answer == TickleList {
    /// GET_TCP_TICKLE_LIST: the connections to an address.
    public static func tickles(_ address: SocketAddress) -> Self {
        Self(.getTickleList(address)) { if case .tickles(let list) = $0 { list } else { nil } }
    }
}
