// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import LegacyWire
import PeerWire

extension Sighting {
    /// Everything about the packet as a tree.
    ///
    /// - Parameter interfaces: the interfaces of the file, for their names.
    /// - Returns: the tree.
    public func fields(_ interfaces: [CaptureInterface] = []) -> FieldValue {
        var fields: [FieldValue.Field] = [
            .init("number", .unsigned(number)),
            .init("time", time.map { .text($0.text) } ?? .none),
            .init("interface", .text(interfaceName(interfaces))),
            .init("from", source.map { .text($0.description) } ?? .none),
            .init("to", destination.map { .text($0.description) } ?? .none),
        ]
        if !comments.isEmpty {
            fields.append(.init("comments", .list(comments.map { .text($0) })))
        }
        fields.append(.init(content.name, content.fields))
        return .fields(fields)
    }

    /// The name of the interface, or its number.
    public func interfaceName(_ interfaces: [CaptureInterface]) -> String {
        guard interfaces.indices.contains(interface), let name = interfaces[interface].name else {
            return String(interface)
        }
        return name
    }
}

extension Sighting.Content {
    /// What kind of thing was seen.
    public var name: String {
        switch self {
        case .legacy: "legacy"
        case .peer: "peer"
        case .event: "event"
        case .gap: "gap"
        case .unreadable: "unreadable"
        case .foreign: "foreign"
        }
    }

    /// It as a tree.
    public var fields: FieldValue {
        switch self {
        case .legacy(let legacy): return legacy.fields
        case .peer(let frame): return frame.fields
        case .event(.request(let packet)): return FieldValue(reflecting: packet)
        case .event(.reply(let packet)): return FieldValue(reflecting: packet)
        case .gap(let missing, let unused):
            return .fields([
                .init("missing_bytes", .number(Int64(missing))),
                .init("unused_bytes", .number(Int64(unused))),
            ])
        case .unreadable(let name, let bytes, let error):
            return .fields([
                .init("protocol", .text(name)), .init("error", .text(error.description)),
                .init("bytes", .bytes(bytes)),
            ])
        case .foreign(let dissector, let bytes):
            return .fields([.init("dissector", .text(dissector)), .init("bytes", .bytes(bytes))])
        }
    }
}

extension LegacySighting {
    /// The packet as a tree: its header, its body, and what the data says.
    public var fields: FieldValue {
        var fields: [FieldValue.Field] = [
            .init("length", .number(Int64(bytes.count))),
            .init("byte_order", .text(layout.byteOrder == .little ? "little" : "big")),
            .init("generation", FieldValue(reflecting: packet.generation)),
            .init("operation", FieldValue(reflecting: packet.operation)),
            .init("destination", FieldValue(reflecting: packet.destination)),
            .init("source", FieldValue(reflecting: packet.source)),
            .init("reqid", FieldValue(reflecting: packet.reqid)),
        ]
        if let request { fields.append(.init("answers", FieldValue(reflecting: request.number))) }
        return .fields(fields + bodyFields)
    }

    /// The body without the header's operation, and with the payload in place of its data.
    private var bodyFields: [FieldValue.Field] {
        guard case .fields(let outer) = FieldValue(reflecting: packet.body),
            case .fields(var fields) = outer.first?.value
        else { return [] }
        let payload: FieldValue
        switch self.payload {
        case .none: return fields
        case .request(let request): payload = FieldValue(reflecting: request)
        case .reply(let reply, _): payload = FieldValue(reflecting: reply)
        case .message(let message): payload = FieldValue(reflecting: message)
        case .answer(let answer): payload = FieldValue(reflecting: answer)
        case .fetched(let header, let value):
            payload = .fields([
                .init("header", FieldValue(reflecting: header)), .init("value", .bytes(value)),
            ])
        case .frame(let frame): payload = frame.fields
        case .opaque(let bytes): payload = .bytes(bytes)
        case .unreadable(let bytes, let error):
            payload = .fields([
                .init("error", .text(error.description)), .init("bytes", .bytes(bytes)),
            ])
        }
        if let place = fields.firstIndex(where: { $0.name == "data" }) {
            fields[place].value = payload.splittingRecords(layout)
        }
        return fields
    }
}

extension FieldValue {
    /// The same with the headers of records apart from the values behind them.
    ///
    /// All records of the protocol have one in front of their data, but for the one that ends a
    /// traversal, which has no data.
    func splittingRecords(_ layout: LegacyLayout) -> FieldValue {
        switch self {
        case .list(let values): return .list(values.map { $0.splittingRecords(layout) })
        case .fields(let fields):
            guard fields.map(\.name) == ["reqid", "key", "data"],
                case .bytes(let data) = fields[2].value
            else {
                return .fields(
                    fields.map { Field($0.name, $0.value.splittingRecords(layout)) })
            }
            guard let (header, value) = try? RecordData(key: [], data: data).split(layout: layout)
            else { return self }
            return .fields(
                fields[..<2] + [
                    Field("header", FieldValue(reflecting: header)), Field("value", .bytes(value)),
                ])
        default: return self
        }
    }
}

extension PeerFrame {
    /// The frame as a tree, its packets in it.
    public var fields: FieldValue {
        var fields: [FieldValue.Field] = [
            .init("header", FieldValue(reflecting: frame.header)),
            .init("body", FieldValue(reflecting: frame.body)),
            .init("packets", .list(packets.map(\.fields))),
        ]
        if let failure {
            fields.append(.init("error", .text(failure.description)))
            fields.append(.init("rest", .bytes(rest)))
        }
        return .fields(fields)
    }
}

extension Packet {
    /// The packet as a tree.
    var fields: FieldValue {
        .fields([
            .init("header", FieldValue(reflecting: header)),
            .init("payload", FieldValue(reflecting: typedPayload)),
        ])
    }
}
