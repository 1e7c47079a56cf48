// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture
import CaptureShell
import LegacyWire
import Replay
import Sockets

/// Scripts in capture files.
public enum ScriptFile {
    /// Reads the conversations of a file.
    ///
    /// - Throws: `.file`; `.noConversation`; `.foreignLayout`.
    public static func read(_ path: String) throws(ReplayError) -> ReplayScript {
        var decoder = CaptureDecoder()
        var reader = ScriptReader()
        do throws(CaptureFileError) {
            let input = try CaptureInput(path: path)
            while let item = try input.next() {
                decoder.take(item, interfaces: input.interfaces)
                take(&decoder, &reader, input.interfaces)
            }
            decoder.finish()
            take(&decoder, &reader, input.interfaces)
        } catch {
            throw .file(error)
        }
        let script = reader.script
        guard !script.steps.isEmpty else { throw .noConversation }
        guard script.steps.allSatisfy({ $0.sighting.layout == .native }) else {
            throw .foreignLayout
        }
        return script
    }

    private static func take(
        _ decoder: inout CaptureDecoder, _ reader: inout ScriptReader,
        _ interfaces: [CaptureInterface]
    ) {
        while let sighting = decoder.next() {
            let isRelayed =
                interfaces.indices.contains(sighting.interface)
                && interfaces[sighting.interface].linkType == .exportedPDU
            reader.take(sighting, isRelayed: isRelayed)
        }
    }

    /// Writes steps of a script as a file that plays them alone.
    ///
    /// - Parameters:
    ///   - places: the places of the steps, in order.
    ///   - script: the script.
    ///   - path: the file; it is replaced.
    ///   - comment: what the file says about itself.
    /// - Throws: `.file`.
    public static func write(
        _ places: [Int], of script: ReplayScript, to path: String, comment: String
    ) throws(ReplayError) {
        do throws(CaptureFileError) {
            let output = try CaptureOutput(
                path: path,
                section: CaptureSection(application: "ctdb capture", comments: [comment]))
            let interface = output.add(
                CaptureInterface(linkType: .exportedPDU, name: "relay", about: "a sample"))
            var introduced: Set<Int> = []
            for place in places {
                let (pdu, comments) = script.pdu(of: place)
                let isFirst = introduced.insert(script.steps[place].client).inserted
                try output.add(
                    RawPacket(
                        time: CaptureTime(nanoseconds: script.steps[place].offset),
                        interface: interface, bytes: pdu.encoded()[...],
                        comments: isFirst ? comments : []))
            }
            try output.flush()
        } catch {
            throw .file(error)
        }
    }
}
