// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import CaptureShell
import CommandLine
import LegacyWire
import Presentation
import Sockets
import Testing
import Vocabulary

/// A capture that is played to a made-up cluster.
@Suite struct ReplayVerbTests {
    private let scratch: ScratchDirectory
    private var capture: String { scratch.file("capture.pcapng") }

    init() throws { scratch = try ScratchDirectory() }

    /// Records questions of a client and their answers.
    private func record(_ pairs: [(ControlRequest, ControlReply)]) throws {
        let output = try CaptureOutput(path: capture, section: CaptureSection())
        let interface = output.add(CaptureInterface(linkType: .exportedPDU, name: "relay"))
        let address = NetworkAddress.ipv4(0x7F00_0001)
        let client = Endpoint(address: address, port: 2)
        let daemon = Endpoint(address: address, port: ClientNote.daemonPort)
        var number: Int64 = 0
        func add(_ packet: LegacyPacket, isSent: Bool) throws {
            let pdu = ExportedPDU(
                dissector: ExportedPDU.legacy, source: isSent ? client : daemon,
                destination: isSent ? daemon : client,
                payload: try packet.encode(layout: .native)[...])
            number += 1
            try output.add(
                RawPacket(
                    time: CaptureTime(nanoseconds: number * 1_000_000), interface: interface,
                    bytes: pdu.encoded()[...],
                    comments: number == 1 ? [ClientNote(number: 1, pid: 7, name: "smbd").text] : [])
            )
        }
        for (index, (request, reply)) in pairs.enumerated() {
            let reqid = Reqid(rawValue: UInt32(index) + 10)
            try add(
                LegacyPacket(
                    destination: PNN(rawValue: 0), source: PNN(rawValue: 0), reqid: reqid,
                    body: .requestControl(try request.encode(layout: .native, flags: []))),
                isSent: true)
            try add(
                LegacyPacket(
                    generation: Generation(rawValue: 3), destination: PNN(rawValue: 0),
                    source: PNN(rawValue: 0), reqid: reqid,
                    body: .replyControl(try reply.encode(layout: .native))), isSent: false)
        }
        try output.flush()
    }

    private let usual: [(ControlRequest, ControlReply)] = [
        (.getPNN, .pnn(PNN(rawValue: 0))), (.getRunState, .runState(.running)),
        (.getTunable(name: "MonitorInterval"), .tunable(15)), (.getDebug, .logLevel(3)),
        (.ping, .clientCount(99)),
    ]

    private func cluster(tunable: UInt32 = 15) throws -> FakeDaemon {
        try FakeDaemon.cluster { request, _ in
            switch request {
            case .getTunable: .reply(.tunable(tunable))
            case .getVNNMap:
                .reply(.vnnMap(VNNMap(generation: Generation(rawValue: 5), nodes: [])))
            case .getDatabaseSequenceNumber: .reply(.sequenceNumber(1))
            default: nil
            }
        }
    }

    @Test func theSameAnswersAreTheSame() throws {
        try record(usual)
        let daemon = try cluster()
        defer { daemon.end() }
        let outcome = typed("capture replay \(capture) --speed full --json", socket: daemon.path)
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("\"verdict\":\"same\""))
        #expect(outcome.output.contains("\"compared\":5"))
        // The number of clients may differ.
        #expect(outcome.output.contains("is the number of ctdbd's clients"))
    }

    @Test func aWrongAnswerIsFoundAndItsSampleShowsItAlone() throws {
        try record(usual)
        let daemon = try cluster(tunable: 16)
        defer { daemon.end() }
        let outcome = typed(
            "capture replay \(capture) --speed full --json --samples \(scratch.path)",
            socket: daemon.path)
        #expect(outcome.code == 1)
        #expect(outcome.output.contains("\"verdict\":\"different\""))
        #expect(outcome.output.contains("\"different\":1"))
        #expect(outcome.output.contains("\"field\":\"data.tunable\",\"count\":1,\"number\":5"))
        #expect(outcome.output.contains("\"captured\":\"15\",\"played\":\"16\",\"tolerated\":null"))
        let sample = scratch.file("sample-5.pcapng")
        #expect(outcome.output.contains("\"sample\":\"\(sample)\""))
        // The sample alone shows the same.
        let again = typed("capture replay \(sample) --speed full --json", socket: daemon.path)
        #expect(again.code == 1)
        #expect(again.output.contains("\"packets\":1"))
        #expect(again.output.contains("\"captured\":\"15\",\"played\":\"16\",\"tolerated\":null"))
        // And nothing is wrong with it at a daemon that answers as it should.
        let good = try cluster()
        defer { good.end() }
        #expect(typed("capture replay \(sample) --speed full", socket: good.path).code == 0)
    }

    @Test func whatIsWrongTwiceIsNoNoise() throws {
        try record(usual)
        let daemon = try cluster(tunable: 16)
        defer { daemon.end() }
        let outcome = typed(
            "capture replay \(capture) --speed full --twice --json", socket: daemon.path)
        #expect(outcome.code == 1)
        #expect(outcome.output.contains("\"noise\":0"))
        #expect(outcome.output.contains("\"verdict\":\"different\""))
    }

    @Test func whatIsDestructiveIsNotSent() throws {
        try record(usual + [(.shutdown, .done(status: 0))])
        let daemon = try cluster()
        defer { daemon.end() }
        let outcome = typed("capture replay \(capture) --speed full --json", socket: daemon.path)
        #expect(outcome.output.contains("\"refused\":1"))
        #expect(outcome.output.contains("\"name\":\"shutdown\",\"count\":1"))
        #expect(!daemon.requests.contains(.shutdown))
        _ = typed(
            "capture replay \(capture) --speed full --allow shutdown --patience 1",
            socket: daemon.path)
        #expect(daemon.requests.contains(.shutdown))
    }

    @Test func aDryRunSaysWhatWouldBeSent() throws {
        try record(usual)
        let daemon = try cluster()
        defer { daemon.end() }
        let outcome = typed("capture replay \(capture) --dry-run --json", socket: daemon.path)
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("\"played\":5"))
        #expect(outcome.output.contains("\"program\":\"smbd\""))
        #expect(!daemon.requests.contains(.getDebug))
    }

    @Test(arguments: [
        "--speed 0", "--speed fast", "--speed 101", "--allow nothing", "--bind-nodes 1",
        "--bind-nodes a=b", "--bind-databases =b", "--from -1", "--order any",
    ])
    func whatMakesNoSenseIsRefused(option: String) throws {
        try record(usual)
        let outcome = typed("capture replay \(capture) \(option)", socket: "/nowhere")
        #expect(outcome.code == 2, "\(outcome.errors)")
    }

    @Test func aFileWithoutClientsSaysSo() throws {
        try record([])
        let outcome = typed("capture replay \(capture)", socket: "/nowhere")
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("--relay"))
        #expect(typed("capture replay \(scratch.file("none"))", socket: "/nowhere").code == 1)
    }
}
