// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Presentation

/// How a recording stands, as it writes it down every second for others to read.
public struct RecordingState: Equatable, Sendable {
    /// How a source of the recording stands.
    public struct Source: Equatable, Sendable {
        /// `wire`, `relay` or the name of a process.
        public var name: String
        /// What was recorded of it.
        public var packets: UInt64 = 0
        /// What was heard and could not be recorded.
        public var lost: UInt64 = 0
        /// What is worth knowing about it.
        public var note: String?

        /// Makes one of which nothing is known.
        public init(_ name: String) { self.name = name }
    }

    /// The recording.
    public var name: String
    /// Its process.
    public var pid: Int32
    /// When it began, in milliseconds since 1970.
    public var began: UInt64
    /// Why it is over; nil while it goes on.
    public var end: String?
    /// The files that are there, the oldest first.
    public var files: [String] = []
    /// The packets in all files, removed ones too.
    public var packets: UInt64 = 0
    /// The bytes of all files, removed ones too.
    public var byteCount: UInt64 = 0
    /// What it hears.
    public var sources: [Source] = []
    /// The clients that are connected through its relay.
    public var relayedClients = 0

    /// Makes the state of one that has just begun.
    public init(name: String, pid: Int32, began: UInt64) {
        self.name = name
        self.pid = pid
        self.began = began
    }

    /// What was heard and could not be recorded, of all sources together.
    public var lost: UInt64 { sources.reduce(0) { $0 &+ $1.lost } }

    /// The state as JSON.
    public var json: String {
        JSONText.text(
            .object([
                Field("name", .text(name)), Field("pid", .number(Int64(pid))),
                Field("began", .unsigned(began)), Field("end", Value(end)),
                Field("files", .words(files)), Field("packets", .unsigned(packets)),
                Field("bytes", .unsigned(byteCount)),
                Field("relayed_clients", .number(Int64(relayedClients))),
                Field(
                    "sources",
                    .list(
                        sources.map { source in
                            .object([
                                Field("name", .text(source.name)),
                                Field("packets", .unsigned(source.packets)),
                                Field("lost", .unsigned(source.lost)),
                                Field("note", Value(source.note)),
                            ])
                        })),
            ])) + "\n"
    }

    /// Reads the state from JSON; nil when it is something else.
    public init?(json bytes: [UInt8]) {
        guard let value = try? JSONReader.read(bytes), let name = value["name"]?.text,
            let pid = value["pid"]?.whole, let began = value["began"]?.whole,
            case .list(let sources) = value["sources"]
        else { return nil }
        self.init(name: name, pid: Int32(clamping: pid), began: began)
        end = value["end"]?.text
        if case .list(let names) = value["files"] { files = names.compactMap(\.text) }
        packets = value["packets"]?.whole ?? 0
        byteCount = value["bytes"]?.whole ?? 0
        relayedClients = Int(clamping: value["relayed_clients"]?.whole ?? 0)
        self.sources = sources.compactMap { value in
            guard let name = value["name"]?.text else { return nil }
            var source = Source(name)
            source.packets = value["packets"]?.whole ?? 0
            source.lost = value["lost"]?.whole ?? 0
            source.note = value["note"]?.text
            return source
        }
    }
}

extension Value {
    /// A member of an object.
    fileprivate subscript(_ name: String) -> Value? {
        guard case .object(let fields) = self else { return nil }
        return fields.first { $0.name == name }?.value
    }

    fileprivate var text: String? { if case .text(let text) = self { text } else { nil } }

    /// A whole number that is not negative.
    fileprivate var whole: UInt64? {
        switch self {
        case .number(let number): UInt64(exactly: number)
        case .unsigned(let number): number
        default: nil
        }
    }
}
