// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import CaptureShell
import LegacyWire
import Sockets
import Testing

/// What `ctdb capture extract` and `redact` write of real captures opens in Wireshark, which sees
/// in it what we see in the original.
@Suite struct CopyTests {
    private static let folder = Fixtures.folder.appendingPathComponent("captures").path

    /// What both readers have of a legacy packet: length, both nodes, operation, reqid, control.
    private static func line(_ legacy: LegacySighting) -> String {
        let packet = legacy.packet
        let control: String
        switch packet.body {
        case .requestControl(let request): control = String(request.opcode.rawValue)
        default: control = ""
        }
        return [
            String(legacy.bytes.count), String(packet.destination.rawValue),
            String(packet.source.rawValue), String(packet.operation.rawValue),
            String(packet.reqid.rawValue), control,
        ].joined(separator: "|")
    }

    @Test(arguments: CapturedTests.names, [false, true])
    func tsharkSeesTheSameInCopies(name: String, isRedacted: Bool) throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file("copy.pcapng")
        let input = try SightingInput(path: "\(Self.folder)/\(name)")
        let output = try SightingOutput(path: path, comment: "a test")
        let redaction = Redaction(key: (1, 2))
        var wanted: [String] = []
        while let sighting = try input.next() {
            let bytes = isRedacted ? redaction.redacted(sighting).map { $0[...] } : sighting.bytes
            guard let bytes else { continue }
            try output.add(sighting, bytes, input.interfaces)
            if case .legacy(let legacy) = sighting.content { wanted.append(Self.line(legacy)) }
        }
        try output.finish()
        let columns = ["len", "dst", "src", "opcode", "id"]
        let answer = try Tshark.run(
            path,
            ["-Y", "ctdb", "-T", "fields", "-E", "separator=|"]
                + columns.flatMap { ["-e", "ctdb.\($0)"] } + ["-e", "ctdb.ctrl_opcode"])
        #expect(answer.code == 0)
        let found = zip(answer.lines, wanted).map { line, ours in
            var cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { AgreementTests.decimal(String($0)) }
            // Wireshark names the control of an answer by its question; we compare questions.
            if ours.hasSuffix("|"), cells.count == 6 { cells[5] = "" }
            return cells.joined(separator: "|")
        }
        #expect(answer.lines.count == wanted.count)
        #expect(found == wanted)
        #expect(!wanted.isEmpty)
    }
}
