// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import MessagingCore
import PeerWire
import Vocabulary

/// The programs' way with streams: the opener writes, the other end reads, both end.
extension World {
    func openStream(_ at: Int, to destination: Address, byteCount: Int) {
        let number = ledger.streams.begin()
        let lane: Lane = below(4) == 0 ? .urgent : .normal
        streamSizes.append(byteCount)
        note("\(name(at)) opens stream \(number) to \(destination)")
        post(
            .endpoint(
                .stream(
                    .open(
                        token: UInt64(number), to: destination, name: String(number), lane: lane))),
            to: at)
    }

    func happened(_ at: Int, _ event: StreamEvent) {
        note("\(name(at)) \(short(event))")
        let life = processes[at].life
        switch event {
        case .opening(let token, let key):
            ledger.streams.add(Int(token), life, key).map(violate)
            write(at, key, Int(token))
        case .opened(let key, let text):
            guard let number = Int(text) else { return violate("no stream is called \(text)") }
            ledger.streams.add(number, life, key).map(violate)
            let isWanted = below(6) != 0
            post(
                .endpoint(
                    .stream(isWanted ? .accept(key) : .end(key, .refused, reason: "unwanted"))),
                to: at)
        case .bytes(let key, let bytes):
            ledger.streams.change(life, key) { end, number in
                for (place, byte) in bytes.enumerated()
                where byte != StreamLedger.byte(number, end.received + place) {
                    return "stream \(number) has a wrong byte at \(end.received + place)"
                }
                end.received += bytes.count
                let limit = Int(endpointSettings.streamCredit)
                if end.received - end.used > limit { return "stream \(number) passes its credit" }
                return nil
            }.map(violate)
            if let number = ledger.streams.number(life, key),
                let opener = ledger.streams.ends[number].first,
                let reader = ledger.streams.ends[number].last,
                reader.received > opener.written
            {
                violate("stream \(number) has more bytes than were written")
            }
            later(
                .read(process: at, life: life, key, bytes.count),
                microseconds: below(3) == 0 ? below(300_000) : below(500))
        case .drained: break
        case .ended(let key, let result, _):
            var mustEnd = false
            ledger.streams.change(life, key) { end, number in
                if end.hasPeerEnded, result == .complete { return "stream \(number) ended twice" }
                end.hasPeerEnded = true
                if result != .complete { end.isOver = true }
                mustEnd = result == .complete && !end.hasEnded
                return nil
            }.map(violate)
            if mustEnd {
                post(.endpoint(.stream(.end(key, .complete, reason: ""))), to: at)
            } else if result == .complete {
                ledger.tally.streams += 1
            }
        }
    }

    func read(_ at: Int, _ key: StreamKey, _ count: Int) {
        guard let number = ledger.streams.number(processes[at].life, key),
            ledger.streams.ends[number].contains(where: {
                $0.life == processes[at].life && $0.key == key && !$0.isOver
            })
        else { return }
        _ = ledger.streams.change(processes[at].life, key) { end, _ in
            end.used += count
            return nil
        }
        post(.endpoint(.stream(.consumed(key, count))), to: at)
    }

    private func write(_ at: Int, _ key: StreamKey, _ number: Int) {
        var place = 0
        let total = streamSizes[number]
        while place < total {
            let count = min(total - place, 1 + Int(below(3_000)))
            let bytes = (place..<(place + count)).map { StreamLedger.byte(number, $0) }
            post(.endpoint(.stream(.write(key, bytes[...]))), to: at)
            place += count
        }
        let result: StreamResult = below(8) == 0 ? .aborted : .complete
        post(.endpoint(.stream(.end(key, result, reason: "done"))), to: at)
        _ = ledger.streams.change(processes[at].life, key) { end, _ in
            end.written = total
            return nil
        }
    }

    /// A program ends a stream now.
    func ends(_ at: Int, _ command: StreamCommand) {
        guard case .end(let key, let result, _) = command else { return }
        // The other end may have been faster.
        _ = ledger.streams.change(processes[at].life, key) { end, _ in
            end.hasEnded = true
            end.isOver = result != .complete
            return nil
        }
    }

    private func short(_ event: StreamEvent) -> String {
        if case .bytes(let key, let bytes) = event { return "\(bytes.count) bytes of \(key)" }
        return "\(event)"
    }
}
