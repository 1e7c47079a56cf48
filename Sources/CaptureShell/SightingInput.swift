// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Capture

/// The sightings of a capture file, one after the other.
public final class SightingInput {
    private let input: CaptureInput
    private var decoder: CaptureDecoder
    private var isFinished = false

    /// Opens a file; `-` is standard input.
    ///
    /// - Throws: what the kernel answered.
    public init(
        path: String, settings: CaptureDecoder.Settings = .init()
    ) throws(CaptureFileError) {
        input = try CaptureInput(path: path)
        decoder = CaptureDecoder(settings)
    }

    /// The interfaces so far.
    public var interfaces: [CaptureInterface] { input.interfaces }
    /// What the file has besides.
    public var counts: CaptureDecoder.Counts { decoder.counts }
    /// The bytes of an unfinished block at the end of the file.
    public var cutOffByteCount: Int { input.cutOffByteCount }

    /// The next sighting; nil at the end of the file.
    ///
    /// - Throws: what the kernel answered, or what is wrong with the file; what was seen before is
    ///   given first.
    public func next() throws(CaptureFileError) -> Sighting? {
        while true {
            if let sighting = decoder.next() { return sighting }
            guard !isFinished else { return nil }
            guard let item = try input.next() else {
                decoder.finish()
                isFinished = true
                continue
            }
            decoder.take(item, interfaces: input.interfaces)
        }
    }
}
