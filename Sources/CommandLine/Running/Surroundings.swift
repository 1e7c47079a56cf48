// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Console
import LegacyClient
import Sockets

/// What a command line works in: streams, terminal, environment.
public struct Surroundings {
    /// Writes to standard output; false when nobody reads any more.
    public var output: (String) -> Bool
    /// Why writing failed, unless it was that nobody reads any more; nil when it did not fail.
    public var outputTrouble: () -> String? = { nil }
    /// Writes to standard error.
    public var error: (String) -> Void
    /// Reads from standard input what there is; nothing at the end.
    public var input: () -> [UInt8]
    /// Whether standard input is a terminal.
    public var isInputTerminal: Bool
    /// Whether standard output is a terminal.
    public var isOutputTerminal: Bool
    /// The columns of that terminal.
    public var width: () -> Int?
    /// The value of an environment variable.
    public var variable: (String) -> String?
    /// Waits so many seconds; false when one should not go on.
    public var pause: (UInt64) -> Bool
    /// Whether somebody wants what goes on to end.
    public var isInterrupted: () -> Bool = { false }

    /// Which release of ctdbd a process is.
    public var releaseOfProcess: (Int32) -> String? = { DaemonRelease.ofProcess($0) }

    /// Makes surroundings.
    public init(
        output: @escaping (String) -> Bool, error: @escaping (String) -> Void,
        input: @escaping () -> [UInt8], isInputTerminal: Bool = false,
        isOutputTerminal: Bool = false, width: @escaping () -> Int? = { nil },
        variable: @escaping (String) -> String? = { _ in nil },
        pause: @escaping (UInt64) -> Bool = { _ in false }
    ) {
        self.output = output
        self.error = error
        self.input = input
        self.isInputTerminal = isInputTerminal
        self.isOutputTerminal = isOutputTerminal
        self.width = width
        self.variable = variable
        self.pause = pause
    }

    /// Those of this process.
    public static func process() -> Surroundings {
        let failure = WriteFailure()
        var surroundings = Surroundings(
            output: {
                let number = StandardStream.output.writeAll(Array($0.utf8))
                if failure.number == 0 { failure.number = number }
                return number == 0
            },
            error: { StandardStream.error.write($0) },
            input: { StandardStream.input.read(limit: 65_536) },
            isInputTerminal: StandardStream.input.isTerminal,
            isOutputTerminal: StandardStream.output.isTerminal,
            width: { StandardStream.output.width },
            variable: { ProcessEnvironment.variable($0) },
            pause: { seconds in
                StandardStream.pause(milliseconds: Int32(clamping: seconds &* 1_000))
                return true
            })
        surroundings.outputTrouble = {
            failure.number == 0 || Program.isEndOfReader(failure.number)
                ? nil : Program.reason(failure.number)
        }
        return surroundings
    }

    /// The same, with bytes that were read already in front of standard input.
    func rereading(_ bytes: [UInt8]) -> Surroundings {
        let pushedBack = PushedBack(bytes)
        var surroundings = self
        surroundings.input = { [input] in pushedBack.take() ?? input() }
        return surroundings
    }

    /// Bytes that are read again, once.
    private final class PushedBack {
        private var bytes: [UInt8]

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        func take() -> [UInt8]? {
            guard !bytes.isEmpty else { return nil }
            defer { bytes = [] }
            return bytes
        }
    }

    /// The error number of the first write that failed; 0 when none did.
    private final class WriteFailure {
        var number: Int32 = 0
    }
}
