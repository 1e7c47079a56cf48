// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

/// What the caller of the tests wants.
enum Environment {
    static func number(_ name: String) -> UInt64? {
        ProcessEnvironment.variable(name).flatMap { UInt64($0) }
    }
}
