// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire
import Vocabulary
import XDR

extension Parser {
    /// Those of the new protocol.
    static let peer: [Parser] = [frames, peerPackets, peerPayloads, tunnel, proxy]

    /// One frame, as it is, and with its checksum put right.
    static let frames = Parser(
        "peer-frame", seeds: { _ in PeerTraffic.frames },
        decode: { input -> Frame?? in .some(try? Frame.decode(input)) },
        check: { frame, input in
            let right = PeerTraffic.mended(Array(input))
            for case .some(let frame) in [frame, try? Frame.decode(right[...])] {
                let front = Frame.encodeFront(
                    header: frame.header, body: frame.body, packetByteCount: frame.packets.count,
                    room: 0)
                let again = try Frame.decode((front + frame.packets)[...])
                guard again.body == frame.body || isCut(frame), again.packets == frame.packets
                else { return "another frame when written and read again" }
            }
            return nil
        })

    /// A name of a program that is too long is cut when it is written.
    private static func isCut(_ frame: Frame) -> Bool {
        guard case .hello(let hello) = frame.body else { return false }
        return hello.software.unicodeScalars.count > 16
    }

    /// Packets, one behind the other.
    static let peerPackets = Parser(
        "peer-packets", seeds: { _ in PeerTraffic.packets },
        decode: { input -> Int? in
            var rest = input
            var count = 0
            while !rest.isEmpty {
                let before = rest.count
                do throws(WireError) {
                    guard let packet = try Packet.takeFirst(from: &rest) else { break }
                    count += packet.bytes.count
                    _ = try? packet.verify()
                } catch {
                    guard Packet.takeUnreadable(from: &rest) != nil else { break }
                    count += before - rest.count
                }
            }
            return count
        },
        check: { count, input in count <= input.count ? nil : "\(count) of \(input.count) bytes" })

    /// Every type of the `.x` files: its place in the list, and the bytes.
    static let peerPayloads: Parser = {
        // They are made here, and not while somebody counts what a reader needs.
        let kinds = Parser.kinds
        return Parser(
            "peer-payload", allowance: Allowance(perByte: 4, constant: 16_384),
            seeds: { _ in
                kinds.enumerated().flatMap { number, kind in
                    kind.seeds.map { [UInt8(number)] + $0 }
                }
            },
            decode: { input -> [UInt8]? in
                var script = Script(input)
                let kind = kinds[Int(try script.byte()) % kinds.count]
                return try kind.again(try script.rest())
            },
            check: { again, input in
                // XDR has one way to write a value.
                again.elementsEqual(input.dropFirst()) ? nil : "other bytes when written"
            })
    }()

    /// The names of the types of the `.x` files that are read.
    public static var peerTypeNames: [String] { kinds.map(\.name) }

    /// A type of the new protocol.
    private struct Kind: Sendable {
        var name: String
        var again: @Sendable (ArraySlice<UInt8>) throws -> [UInt8]
        var seeds: [[UInt8]]

        init<Value: XDRCodable>(_ type: Value.Type) {
            name = "\(type)"
            again = { try Value.decode($0).encoded() }
            seeds = [0, 1, 2, 3].compactMap { PeerTraffic.value(of: type, choice: $0) }
        }
    }

    private static let kinds: [Kind] = [
        Kind(Address.self), Kind(FrameHeader.self), Kind(Outcome.self), Kind(Hello.self),
        Kind(PacketHeader.self), Kind(StreamOpen.self), Kind(StreamCredit.self),
        Kind(StreamPlace.self), Kind(StreamEnd.self), Kind(Refusal.self), Kind(CountersReply.self),
        Kind(PeersReply.self), Kind(StateChange.self), Kind(CallbacksReply.self),
        Kind(StatesReply.self), Kind(StageStatus.self), Kind(ReportRequest.self),
        Kind(StageReport.self), Kind(StageTable.self), Kind(StageLog.self), Kind(Service.self),
        Kind(Instance.self), Kind(ChangeTopic.self), Kind(ChangeDetail.self),
        Kind(CallbackName.self), Kind(CallbackState.self), Kind(CallbackStatus.self),
        Kind(CallbackEntry.self), Kind(SavedState.self), Kind(SavedStates.self),
        Kind(EventComponent.self), Kind(EventName.self), Kind(EventWord.self), Kind(EventRun.self),
        Kind(EventResult.self), Kind(ScriptOutcome.self), Kind(EventOutcome.self),
        Kind(EventScript.self), Kind(EventScripts.self), Kind(ScriptChange.self),
        Kind(EventComponents.self), Kind(EventRunner.self), Kind(EventAnswering.self),
        Kind(OutcomeCode.self), Kind(PacketKind.self), Kind(StreamResult.self),
        Kind(RefusalCode.self), Kind(Counter.self), Kind(PeerState.self), Kind(PeerStatus.self),
        Kind(VersionsReply.self), Kind(RecordRequest.self), Kind(RecordKind.self),
        Kind(RecordFront.self), Kind(ClusterFunction.self), Kind(Stage.self), Kind(Fitness.self),
        Kind(StageExample.self), Kind(StageField.self), Kind(StageEntry.self),
        Kind(StageLogEntry.self), Kind(IPControl.self), Kind(IPControlReply.self),
        Kind(IPStatus.self), Kind(IPReallocate.self), Kind(IPRun.self),
        Kind(IPHistoryRequest.self), Kind(IPHistoryLine.self), Kind(IPHistory.self),
        Kind(IPConnection.self), Kind(IPConnections.self), Kind(IPCoordinator.self),
    ]
}
