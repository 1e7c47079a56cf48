// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import CaptureShell
import CommandLine
import Foundation
import LegacyWire
import Presentation
import Sockets
import Testing
import Vocabulary

/// Captures that are looked at.
@Suite struct CaptureVerbsTests {
    private let scratch: ScratchDirectory
    private var capture: String { scratch.file("a.pcapng") }

    init() throws {
        scratch = try ScratchDirectory()
        try record(to: capture, key: "secret")
    }

    /// A client asks for the node and for a record.
    private func record(to path: String, key: String) throws {
        let output = try CaptureOutput(path: path, section: CaptureSection())
        let interface = output.add(CaptureInterface(linkType: .exportedPDU, name: "relay"))
        let address = NetworkAddress.ipv4(0x7F00_0001)
        let client = Endpoint(address: address, port: 2)
        let daemon = Endpoint(address: address, port: ClientNote.daemonPort)
        let bodies: [(LegacyPacket.Body, Bool)] = [
            (.requestControl(try ControlRequest.getPNN.encode(layout: .native, flags: [])), true),
            (
                .replyControl(
                    try ControlReply.pnn(PNN(rawValue: 0)).encode(layout: .native)), false
            ),
            (
                .requestCall(
                    RequestCall(
                        flags: [], database: DatabaseID(rawValue: 0x6645_C6C4), function: 1,
                        hopCount: 0, key: Array(key.utf8)[...], data: [])), true
            ),
        ]
        for (index, (body, isSent)) in bodies.enumerated() {
            let packet = LegacyPacket(
                destination: PNN(rawValue: 0), source: PNN(rawValue: 0),
                reqid: Reqid(rawValue: UInt32(index / 2) + 10), body: body)
            let pdu = ExportedPDU(
                dissector: ExportedPDU.legacy, source: isSent ? client : daemon,
                destination: isSent ? daemon : client,
                payload: try packet.encode(layout: .native)[...])
            try output.add(
                RawPacket(
                    time: CaptureTime(nanoseconds: 1_000_000 * Int64(index)),
                    interface: interface, bytes: pdu.encoded()[...]))
        }
        try output.flush()
    }

    private func run(_ words: String) -> Outcome { typed("capture \(words)") }

    @Test func aPacketIsALine() {
        let outcome = run("decode \(capture)")
        #expect(outcome.code == 0)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[2].contains("replyControl getPNN reqid 10 status 0"))
        #expect(lines[2].hasSuffix("answers 1 after 1000 us"))
    }

    @Test func theOptionsChoose() {
        func count(_ options: String) -> Int {
            run("decode \(capture) --porcelain \(options)").output.split(separator: "\n").count
        }
        #expect(count("") == 3)
        #expect(count("--controls getpnn") == 2)
        #expect(count("--operations requestCall") == 1)
        #expect(count("--databases ctdb.tdb") == 1)
        #expect(count("--databases 0x6645c6c4") == 1)
        #expect(count("--databases other.tdb") == 0)
        #expect(count("--from 0.001") == 2)
        #expect(count("--until 1970-01-01T00:00:00.001") == 1)
        #expect(count("--nodes 1") == 0)
        #expect(count("--packets 2,3") == 2)
        let outcome = run("decode \(capture) --controls nosuch")
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains("\"nosuch\" is not a control"))
    }

    @Test func eachPacketIsAnObject() throws {
        let outcome = run("decode \(capture) --json --tree")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 3)
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["schema"] as? String == "ctdb.capture.packet/1")
            #expect(object?["fields"] is [String: Any])
        }
        #expect(lines[2].contains("\"key\":\"736563726574\""))
    }

    @Test func aTreeHasEveryField() {
        let text = run("decode \(capture) --tree --packets 3").output
        #expect(text.contains("        key: 6 bytes: 736563726574 |secret|\n"))
        #expect(text.contains("        database: 0x6645c6c4\n"))
    }

    @Test func damageIsToldAndTheRestIsShown() throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: capture))
        bytes.removeLast(5)
        try bytes.write(to: URL(fileURLWithPath: scratch.file("cut.pcapng")))
        let outcome = run("decode \(scratch.file("cut.pcapng"))")
        #expect(outcome.code == 3)
        #expect(outcome.output.split(separator: "\n").count == 3)
        #expect(outcome.errors.contains("ends in the middle of a block"))
        try scratch.write(Array("no capture".utf8), to: "text")
        let other = run("decode \(scratch.file("text"))")
        #expect(other.code == 1)
        #expect(other.errors.contains("text: "))
        let missing = run("decode \(scratch.file("missing"))")
        #expect(missing.code == 1)
        #expect(missing.errors.contains("missing"))
    }

    @Test func numbersAndAPage() throws {
        let page = scratch.file("page.html")
        let outcome = run("stats \(capture) --json --html \(page)")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("\"control\":\"getPNN\",\"asked\":1,\"answered\":1"))
        let text = try String(contentsOfFile: page, encoding: .utf8)
        #expect(text.hasPrefix("<!DOCTYPE html>"))
        #expect(text.contains("<svg"))
        #expect(!text.contains("http"))
        #expect(!text.contains("<script"))
    }

    @Test func twoCapturesAreCompared() throws {
        try record(to: scratch.file("b.pcapng"), key: "secret")
        try record(to: scratch.file("c.pcapng"), key: "others")
        let same = run("diff \(capture) \(scratch.file("b.pcapng")) --porcelain")
        #expect(same.code == 0)
        #expect(same.output.contains("verdict\tsame\n"))
        let different = run("diff \(capture) \(scratch.file("c.pcapng")) --porcelain")
        #expect(different.code == 1)
        #expect(different.output.contains("differences\tclient 1\trequestCall db 0x6645c6c4\tkey"))
    }

    @Test func aPartIsAFileOfItsOwn() {
        let part = scratch.file("part.pcapng")
        let outcome = run("extract \(capture) \(part) --controls getPNN --porcelain")
        #expect(outcome == Outcome(output: "packets\t3\nwritten\t2\nleft_out\t1\n"))
        let lines = run("decode \(part)").output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[2].contains("answers 1 after 1000 us"))
        let itself = run("extract \(capture) \(capture)")
        #expect(itself.code == 2)
        #expect(run("decode \(capture)").output.split(separator: "\n").count == 4)
    }

    @Test func whatWasStoredIsNotInARedactedFile() throws {
        let path = scratch.file("redacted.pcapng")
        #expect(run("redact \(capture) \(path)").code == 0)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(bytes.range(of: Data("secret".utf8)) == nil)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: capture)).range(of: Data("secret".utf8))
                != nil)
        let outcome = run("diff \(capture) \(path) --porcelain")
        #expect(outcome.output.split(separator: "\n").count { $0.hasPrefix("differences") } == 1)
        #expect(outcome.output.contains("\tkey\t1\t3\t3\t"))
        #expect(run("redact \(capture) \(path) --key 12").code == 2)
    }
}
