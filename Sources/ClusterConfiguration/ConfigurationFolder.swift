// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What there is in /etc/ctdb: the content of each file, or why it cannot be read.
public struct ConfigurationFolder: Sendable {
    /// A file.
    public struct File: Equatable, Sendable {
        /// Its name below the folder, such as `ctdb.conf.d/proxy.conf`.
        public var name: String
        /// Its bytes; nil when it cannot be read.
        public var bytes: [UInt8]?
        /// Why it cannot be read.
        public var failure: String?

        /// A file that can be read.
        public init(_ name: String, _ bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }

        /// A file that cannot.
        public init(_ name: String, failure: String) {
            self.name = name
            self.failure = failure
        }
    }

    /// The names that are read, besides those in ctdb.conf.d and the options of event scripts.
    public static let names = [
        "ctdb.conf", "nodes", "public_addresses", "ctdb.tunables", "script.options",
        "natgw_nodes", "lvs_nodes",
    ]

    /// The folder.
    public var path: String
    /// The files, in the order in which they are to be complained of.
    public var files: [File]
    /// What a path leads to, where names without a slash are in the folder; nil checks no paths.
    public var look: (@Sendable (String) -> PathTarget?)?

    /// Makes a folder.
    public init(
        path: String, files: [File], look: (@Sendable (String) -> PathTarget?)? = nil
    ) {
        self.path = path
        self.files = files
        self.look = look
    }

    /// Checks everything in it.
    public func complaints() -> [Complaint] {
        var found: [Complaint] = []
        let check = ConfigurationCheck(look: look)
        let nodes = content("nodes").map {
            NodesFile(parsing: $0, file: full("nodes"))
        }
        var parts: [(name: String, bytes: [UInt8])] = []
        for file in files {
            guard let bytes = file.bytes else {
                found.append(
                    Complaint(file: full(file.name), file.failure ?? "it cannot be read"))
                continue
            }
            let name = full(file.name)
            switch file.name {
            case "ctdb.conf": found += check.ctdbConf(bytes, file: name)
            case "nodes": found += nodes?.complaints ?? []
            case "public_addresses":
                found +=
                    PublicAddressesFile(parsing: bytes, file: name, nodes: nodes).complaints
            case "natgw_nodes", "lvs_nodes":
                found += NodeGroup(parsing: bytes, file: name).complaints
            case "ctdb.tunables": found += TunablesFile(parsing: bytes, file: name).complaints
            case let name where name.hasPrefix("ctdb.conf.d/"):
                parts.append((full(name), bytes))
            default: found += ScriptOptionsFile(parsing: bytes, file: name).complaints
            }
        }
        if content("nodes") == nil, !files.contains(where: { $0.name == "nodes" }) {
            found.append(
                Complaint(file: full("nodes"), "it is missing, and ctdbd does not start"))
        }
        return found + check.folder(parts)
    }

    private func full(_ name: String) -> String { "\(path)/\(name)" }

    private func content(_ name: String) -> [UInt8]? {
        files.first { $0.name == name }?.bytes
    }
}
