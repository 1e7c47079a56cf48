// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Glibc

/// A folder of event scripts: files whose names are two digits, a dot, anything, and ".script".
///
/// - Source: ctdb/common/event_script.c, Samba 4.17.
public struct ScriptFolder: Sendable {
    /// Where it is.
    public let path: [UInt8]

    private static let suffix = Array(".script".utf8)

    /// Names a folder, as bytes without a NUL.
    public init(path: [UInt8]) { self.path = path }

    /// Whether there is such a folder: 0, or an errno.
    public func check() -> Int32 {
        let mode = unsafe withText(path) { unsafe clinux_mode($0) }
        guard mode >= 0 else { return 0 &- mode }
        return UInt32(mode) & S_IFMT == S_IFDIR ? 0 : ENOTDIR
    }

    /// The names of the scripts without ".script", in the order of their bytes.
    public func scripts() throws(SystemError) -> [[UInt8]] {
        var names: [[UInt8]] = []
        let answer = unsafe withText(path) { text in
            guard let folder = unsafe opendir(text) else { return 0 &- errno }
            defer { _ = unsafe closedir(folder) }
            var room = [CChar](repeating: 0, count: Int(CLINUX_NAME_LIMIT))
            while true {
                let answer = unsafe clinux_next_name(folder, &room)
                guard answer > 0 else { return answer }
                let name = room.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))[...]
                if Self.isScript(name) { names.append(Array(name.dropLast(Self.suffix.count))) }
            }
        }
        guard answer == 0 else {
            throw SystemError("readdir", String(decoding: path, as: UTF8.self), answer: answer)
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// What there is in a folder, and since when.
    public struct Contents: Equatable, Sendable {
        /// A script.
        public struct Script: Hashable, Sendable {
            /// Its name without ".script".
            public var name: [UInt8]
            /// Whether its owner may execute it, links followed.
            public var isExecutable: Bool
        }

        /// The scripts in the order of their bytes; one whose link leads nowhere is executable.
        public var scripts: [Script]
        /// When the folder, or a script in it, was last changed: microseconds since 1970.
        public var changedMicroseconds: Int64
    }

    /// Looks at the folder and all scripts in it.
    public func contents() throws(SystemError) -> Contents {
        var changed: Int64 = 0
        _ = unsafe withText(path) { text in
            var time: Int64 = 0
            let mode = unsafe clinux_changed(text, &time)
            changed = max(changed, time)
            return mode
        }
        let scripts = try scripts().map { name in
            let mode = unsafe withText(file(of: name)) { text in
                var time: Int64 = 0
                let mode = unsafe clinux_changed(text, &time)
                changed = max(changed, time)
                return mode
            }
            let isExecutable = mode < 0 || UInt32(mode) & S_IXUSR != 0
            return Contents.Script(name: name, isExecutable: isExecutable)
        }
        return Contents(scripts: scripts, changedMicroseconds: changed)
    }

    /// The file of a script.
    public func file(of script: [UInt8]) -> [UInt8] {
        path + [UInt8(ascii: "/")] + script + Self.suffix
    }

    /// Makes a script executable for everybody, or for nobody.
    ///
    /// - Parameters:
    ///   - script: its name, with or without ".script".
    ///   - isEnabled: whether it is to run.
    /// - Returns: 0; `ENOENT` when it is not there; `EINVAL` when it is a symbolic link or no name
    ///   of a script; any other errno.
    public func setEnabled(_ script: [UInt8], _ isEnabled: Bool) -> Int32 {
        let isWhole =
            script.count > Self.suffix.count
            && script.suffix(Self.suffix.count).elementsEqual(Self.suffix)
        let name = isWhole ? script : script + Self.suffix
        guard name.count <= 255 else { return ENAMETOOLONG }
        guard !name.contains(UInt8(ascii: "/")), !name.contains(0) else { return ENOENT }
        let whole = path + [UInt8(ascii: "/")] + name
        guard Self.isScript(name[...]) else {
            let mode = unsafe withText(whole) { unsafe clinux_mode($0) }
            return mode == -ENOENT ? ENOENT : EINVAL
        }
        return 0 &- (unsafe withText(whole) { unsafe clinux_set_executable($0, isEnabled ? 1 : 0) })
    }

    /// Whether a name is that of a script: the pattern `[0-9][0-9].*.script`.
    private static func isScript(_ name: ArraySlice<UInt8>) -> Bool {
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        let start = name.startIndex
        return name.count >= suffix.count + 3 && isDigit(name[start]) && isDigit(name[start + 1])
            && name[start + 2] == UInt8(ascii: ".")
            && name.suffix(suffix.count).elementsEqual(suffix)
    }

    /// Lends bytes as a C string; a NUL in them is `EINVAL`.
    private func withText(
        _ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Int32
    ) -> Int32 {
        guard !bytes.contains(0) else { return -EINVAL }
        let text = bytes.map { CChar(bitPattern: $0) } + [0]
        return unsafe text.withUnsafeBufferPointer { part in
            guard let start = part.baseAddress else { return -EINVAL }
            return unsafe body(start)
        }
    }
}

extension Folder {
    /// Why a file cannot be run, as the end of a sentence that begins with it; nil when it can.
    public static func obstacleToRunning(_ path: String) -> String? {
        switch target(of: path) {
        case nil: "does not exist"
        case .folder, .other: "is not a file"
        case .file(let isExecutable): isExecutable ? nil : "is not executable"
        }
    }
}
