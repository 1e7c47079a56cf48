// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

extension Service {
    private static let names: [(Service, String)] = [
        (.proxy, "proxy"), (.cluster, "cluster"), (.address, "address"), (.services, "services"),
        (.event, "event"), (.database, "database"), (.client, "client"), (.echo, "echo"),
    ]

    /// The service's name; "service-N" for a number that has none.
    public var name: String {
        Self.names.first { $0.0 == self }?.1 ?? "service-\(rawValue)"
    }

    /// The service of a name; nil when there is none.
    public init?(name: String) {
        if let known = Self.names.first(where: { $0.1 == name }) {
            self = known.0
            return
        }
        guard name.hasPrefix("service-"), let number = UInt32(name.dropFirst(8)) else {
            return nil
        }
        self.init(rawValue: number)
    }

    /// The file name of a process's socket in the run directory.
    ///
    /// - Parameter instance: tells the clients apart; a daemon has one name in all its lives.
    /// - Returns: `NAME.sock`, or `client.PID.N.sock`.
    public func socketName(_ instance: Instance) -> String {
        guard self == .client else { return "\(name).sock" }
        let pid = instance.rawValue >> 32
        return "client.\(pid).\(instance.rawValue & 0xFFFF_FFFF).sock"
    }
}

extension Instance {
    /// The instance of a client: its process id, and a number of its own.
    public init(pid: Int32, number: UInt32) {
        self.init(rawValue: UInt64(UInt32(bitPattern: pid)) << 32 | UInt64(number))
    }
}
