// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Bytes
import PeerWire
import Sockets
import XDR

extension SavedStates {
    /// The most bytes that the file may have.
    static let byteLimit = 64 << 20

    /// Reads what an earlier life has kept.
    ///
    /// - Parameter path: the file.
    /// - Returns: the states, none when there is no file.
    /// - Throws: why there is a file that cannot be used.
    static func read(_ path: String) throws(CallbackFailure) -> [SavedState] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try SmallFile.read(path, limit: byteLimit)
        } catch {
            if error.isMissingFile { return [] }
            throw .system(error)
        }
        let saved: SavedStates
        do throws(WireError) { saved = try decode(bytes[...]) } catch { throw .unreadable(error) }
        guard saved.magic == PeerProtocol.savedStatesMagic,
            saved.version == PeerProtocol.savedStatesVersion
        else { throw .foreign }
        return saved.states
    }

    /// Keeps states for a later life; the old file stays until the new one is whole.
    static func write(_ states: [SavedState], to path: String) throws(CallbackFailure) {
        let saved = SavedStates(
            magic: PeerProtocol.savedStatesMagic, version: PeerProtocol.savedStatesVersion,
            states: states)
        let bytes: [UInt8]
        do throws(WireError) { bytes = try saved.encoded() } catch { throw .unreadable(error) }
        do throws(SystemError) {
            let replacement = try FileReplacement(of: path)
            try replacement.file.write(bytes)
            try replacement.commit()
        } catch {
            throw .system(error)
        }
    }
}

/// What is wrong with the file of what is kept.
public enum CallbackFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kernel refused.
    case system(SystemError)
    /// It is no such file, or the states are none that can be kept.
    case unreadable(WireError)
    /// It is another kind of file, or of another version.
    case foreign

    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .system(let error): "\(error)"
        case .unreadable(let error): "\(error)"
        case .foreign: "the file is of another kind or version"
        }
    }
}
