// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux

/// The stream on which a daemon tells what it does.
public enum StandardError {
    /// Writes bytes with one system call; what does not fit is lost, since nobody may wait for it.
    public static func write(_ bytes: [UInt8]) {
        _ = unsafe bytes.withUnsafeBytes { part in
            unsafe clinux_write(2, part.baseAddress, part.count)
        }
    }
}
