// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Logging
import Sockets

/// Scheduling before ordinary processes, as ctdbd asks for it.
public enum RealtimeScheduling {
    /// Asks for it; a refusal is a warning, since the daemon works without.
    ///
    /// - Parameters:
    ///   - priority: 1 is the lowest realtime priority.
    ///   - logger: takes the warning.
    /// - Returns: whether it was granted.
    @discardableResult
    public static func request(priority: Int32 = 1, logger: Logger) -> Bool {
        do throws(SystemError) {
            try ProcessEnvironment.requestRealtime(priority: priority)
            return true
        } catch {
            logger.warning("no realtime scheduling", metadata: ["reason": "\(error)"])
            return false
        }
    }
}
