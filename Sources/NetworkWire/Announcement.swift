// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import Vocabulary

/// The frames by which a node tells everybody on a link that an address is at its interface now.
///
/// For IPv4 a request and a reply, since some machines heed the one and some the other; for IPv6 an
/// advertisement that replaces what is known. They are byte for byte those of ctdbd.
///
/// - Source: `ctdb_sys_send_arp()`, ctdb/common/system_socket.c, Samba 4.17.
public enum Announcement {
    /// The frames, in the order in which they are to be sent.
    public static func frames(
        of address: IPAddress, at hardware: HardwareAddress
    ) -> [[UInt8]] {
        switch address.family {
        case .ipv4:
            let number = UInt32(truncatingIfNeeded: address.low)
            let request = ARPPacket(
                .request, senderHardware: hardware, sender: number, targetHardware: .zero,
                target: number)
            let reply = ARPPacket(
                .reply, senderHardware: hardware, sender: number, targetHardware: hardware,
                target: number)
            return [request.broadcastFrame, reply.broadcastFrame]
        case .ipv6:
            let message = NeighbourMessage(
                .advertisement, source: address, destination: .allNodes, flags: .override,
                target: address, hardware: hardware)
            return [message.frame(from: hardware)]
        }
    }
}
