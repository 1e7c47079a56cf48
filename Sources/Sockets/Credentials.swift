// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// Who a process is, as the kernel says and not as the process says.
public struct Credentials: Equatable, Sendable {
    /// The process; 0 when it is outside of this process's pid namespace.
    public var pid: Int32
    /// The user.
    public var uid: UInt32
    /// The group.
    public var gid: UInt32

    /// Makes credentials.
    public init(pid: Int32, uid: UInt32, gid: UInt32) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
    }

    /// What stands for a sender that the kernel did not name: nobody.
    public static let unknown = Credentials(pid: 0, uid: .max, gid: .max)

    /// Those of this process.
    public static var own: Credentials {
        Credentials(pid: getpid(), uid: getuid(), gid: getgid())
    }

    /// Takes them from the kernel's struct.
    init(_ raw: clinux_credentials) {
        self.init(pid: raw.pid, uid: raw.uid, gid: raw.gid)
    }
}
