// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Logging
import PeerWire
import ProxyCore
import Vocabulary

/// Writes a core's notes to the log, and keeps a flood of them from filling it.
package struct NoteLog {
    /// What may come in floods; each kind has a measure of its own, so that none hides another.
    private enum Flood: Hashable {
        case malformed
        case forged
        case unauthorised
        case frameRefused
    }

    private static let perSecond = 20

    private let log: Logger
    private var isWaiting = false
    private var second: UInt64 = 0
    private var written: [Flood: Int] = [:]
    private var suppressed = 0

    /// Writes to a log.
    package init(_ log: Logger) { self.log = log }

    /// Writes one note.
    package mutating func write(_ note: ProxyCore.Note, at now: Instant) {
        switch note {
        case .waitingForLegacy(let reason):
            // Said once, not at each try.
            if !isWaiting { log.warning("waiting for ctdbd: \(reason)") }
            isWaiting = true
        case .attached(let pnn):
            isWaiting = false
            log.notice("attached to ctdbd as node \(pnn)")
        case .refusedByLegacy(let control, let reason):
            log.error("ctdbd refused \(control): \(reason)")
        case .legacySilent:
            log.warning("ctdbd does not answer; connecting again")
        case .nodeState(let pnn, let state):
            log.notice("node \(pnn) is \(state)")
        case .met(let pnn, let hello, let version, let newest):
            met(pnn, hello, version, newest)
        case .generation(let generation): log.info("generation \(generation)")
        case .recoveryMode(let mode): log.info("recovery mode \(mode)")
        case .draining(let held): log.notice("stopping; \(held) packets under way")
        case .otherProxy(let instance):
            log.error("another proxy speaks for this node, instance \(instance.rawValue)")
        case .malformed(let what):
            limited(.malformed, at: now) { $0.warning("dropped: \(what)") }
        case .forged(let what):
            limited(.forged, at: now) { $0.warning("refused as forged: \(what)") }
        case .unauthorised(let pid, let uid):
            limited(.unauthorised, at: now) {
                $0.warning("dropped a datagram of process \(pid): uid \(uid) may not send")
            }
        case .nodeFrameRefused(let pnn, let why):
            limited(.frameRefused, at: now) {
                $0.info("a frame of node \(pnn) was not used: \(why)")
            }
        }
    }

    /// What differs from this proxy is worth a line to whoever upgrades a cluster.
    private func met(_ pnn: PNN, _ hello: Hello, _ version: UInt32?, _ newest: UInt32) {
        func text(_ version: UInt32) -> String { "\(version >> 16).\(version & 0xFFFF)" }
        let who = "the proxy of node \(pnn), \"\(hello.software)\""
        let range = "\(text(hello.versionMinimum)) to \(text(hello.versionMaximum))"
        guard let version else {
            log.error(
                """
                \(who) speaks versions \(range) of the protocol, this one \(text(newest)): \
                nothing can be exchanged until the older one is updated
                """)
            return
        }
        if hello.versionMaximum == newest {
            log.info("\(who) speaks version \(text(version)) of the protocol")
        } else {
            log.notice(
                "\(who) speaks versions \(range) of the protocol: \(text(version)) is spoken")
        }
    }

    private mutating func limited(
        _ flood: Flood, at now: Instant, _ write: (Logger) -> Void
    ) {
        let present = now.nanoseconds / 1_000_000_000
        if present != second {
            if suppressed > 0 { log.warning("\(suppressed) more like these were not logged") }
            second = present
            written = [:]
            suppressed = 0
        }
        guard written[flood, default: 0] < Self.perSecond else {
            suppressed += 1
            return
        }
        written[flood, default: 0] += 1
        write(log)
    }
}
