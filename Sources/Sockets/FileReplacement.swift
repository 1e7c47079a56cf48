// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A file that is written piece by piece beside its place, and put there when it is whole.
///
/// What was there before stays until then, whatever happens. Something that is no file, such as a
/// terminal or a pipe, is written itself.
public final class FileReplacement {
    /// What is written.
    public let file: RegularFile
    private let path: String
    private var isBeside: Bool

    /// Begins a file for its owner only.
    ///
    /// - Parameter path: its place.
    /// - Throws: what the kernel answered; nothing has changed then.
    public init(of path: String) throws(SystemError) {
        self.path = path
        isBeside = try UnixPath.look(path).map { $0.is_regular != 0 } ?? true
        guard isBeside else {
            file = try RegularFile(path: path, for: .replacing(permissions: 0o600))
            return
        }
        let seed = try ProcessEnvironment.randomSeed()
        file = try RegularFile(
            path: "\(path).\(String(seed, radix: 36))", for: .replacing(permissions: 0o600))
    }

    /// Waits until the file is on the disk, and puts it into its place.
    public func commit() throws(SystemError) {
        guard isBeside else { return }
        try file.synchronize()
        guard unsafe rename(file.path, path) == 0 else {
            throw SystemError(call: "rename", path: path, errno: errno)
        }
        isBeside = false
    }

    deinit {
        if isBeside { _ = unsafe unlink(file.path) }
    }
}
