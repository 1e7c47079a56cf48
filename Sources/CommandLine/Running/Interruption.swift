// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import Sockets

/// Control-C while a command of the prompt runs: it ends the command, and not the program.
final class Interruption {
    private let signals: SignalSource
    private let loop: EventLoop
    /// Whether it has come.
    private(set) var hasCome = false

    /// Takes the signal from now on, until this goes.
    init() throws(SystemError) {
        signals = try SignalSource([.interrupt])
        loop = try EventLoop()
        _ = try loop.register(signals.descriptor, for: .read) { [unowned self] _ in
            // The signal is left there, so that whoever else waits for it sees it, too.
            hasCome = true
        }
    }

    deinit {
        // What is left would end the program as soon as it is let through again.
        while signals.next() != nil {}
    }

    /// Can be read from when it has come.
    var descriptor: FileDescriptor { signals.descriptor }

    /// Waits; false when it came meanwhile.
    func pause(seconds: UInt64) -> Bool {
        let end = EventLoop.clock().advanced(by: .seconds(Int64(clamping: seconds)))
        repeat {
            guard (try? loop.iterate(until: end)) != nil else { return false }
        } while !hasCome && EventLoop.clock() < end
        return !hasCome
    }

    /// Reads from standard input; nothing when it comes meanwhile.
    func read(_ read: () -> [UInt8]) -> [UInt8] {
        while pause(seconds: 0) {
            if StandardStream.input.isReadable(withinMilliseconds: 100) { return read() }
        }
        return []
    }
}

extension Runner {
    /// Does something that Control-C ends.
    func interruptible(_ work: () -> Void) {
        guard let interruption = try? Interruption() else { return work() }
        let usual = surroundings
        surroundings.pause = { interruption.pause(seconds: $0) }
        surroundings.input = { interruption.read(usual.input) }
        surroundings.isInterrupted = {
            _ = interruption.pause(seconds: 0)
            return interruption.hasCome
        }
        conversation.interruption = interruption.descriptor
        work()
        conversation.interruption = nil
        surroundings = usual
    }
}
