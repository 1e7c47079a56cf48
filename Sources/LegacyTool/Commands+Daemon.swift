// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Administration
import LegacyClient
import LegacyWire
import Sockets
import Vocabulary

// What a ctdbd says of itself.

extension Commands {
    static func uptime(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        let uptime = try context.ask(.uptime)
        let now = uptime.now.seconds
        let node = String(context.node.rawValue).padded(to: 4)
        context.print(
            "Current time of node \(node)     :                \(TimeText.local(now))")
        context.print(
            """
            Ctdbd start time              : \
            (\(TimeText.span(from: uptime.daemonStarted.seconds, to: now))) \
            \(TimeText.local(uptime.daemonStarted.seconds))
            """)
        context.print(
            """
            Time of last recovery/failover: \
            (\(TimeText.span(from: uptime.lastRecoveryFinished.seconds, to: now))) \
            \(TimeText.local(uptime.lastRecoveryFinished.seconds))
            """)
        let seconds = TimeText.difference(
            uptime.lastRecoveryFinished, uptime.lastRecoveryStarted)
        context.print(
            """
            Duration of last recovery/failover: \(FixedPoint.sixDecimals(seconds)) seconds\n
            """)
        return 0
    }

    static func ping(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        let start = EventLoop.clock()
        let clients = try context.ask(.ping)
        let time = Double(EventLoop.clock().nanoseconds - start.nanoseconds) / 1e9
        context.print(
            """
            response from \(context.node.rawValue) \
            time=\(FixedPoint.sixDecimals(time)) sec  (\(Int32(bitPattern: clients)) clients)\n
            """)
        return 0
    }

    static func runState(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        let state = try context.ask(.runState)
        var isExpected = arguments.isEmpty
        for argument in arguments {
            guard let expected = RunStateName.parse(argument) else {
                context.print("Invalid run state (\(argument))\n")
                return 1
            }
            isExpected = expected == state
            if isExpected { break }
        }
        guard isExpected else {
            context.print("CTDB not in required run state (got \(RunStateName.print(state)))\n")
            return 1
        }
        context.print("\(RunStateName.print(state))\n")
        return 0
    }

    static func processID(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        let pid = try context.ask(.pid)
        context.print("\(pid)\n")
        return 0
    }

    static func capabilities(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("getcapabilities") }
        let capabilities = try context.ask(.capabilities)
        let leader = capabilities.contains(.leader)
        let lmaster = capabilities.contains(.lmaster)
        if context.options.isMachineReadable {
            context.printColumns(["LEADER", "LMASTER"])
            context.printColumns([leader ? "1" : "0", lmaster ? "1" : "0"])
        } else {
            context.print("LEADER: \(leader ? "YES" : "NO")\n")
            context.print("LMASTER: \(lmaster ? "YES" : "NO")\n")
        }
        return 0
    }

    static func clusterLock(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("getreclock") }
        if let lock = try context.ask(.clusterLock) { context.print("\(lock)\n") }
        return 0
    }

    static func getDebug(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.isEmpty else { throw context.usage("getdebug") }
        let level = try context.ask(.logLevel)
        context.print("\(LogLevelName.name(level))\n")
        return 0
    }

    static func setDebug(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("setdebug") }
        guard let level = LogLevelName.parse(arguments[0]) else {
            context.complain("Invalid debug level '\(arguments[0])'. Valid levels are:\n")
            context.complain("\tERROR | WARNING | NOTICE | INFO | DEBUG\n")
            return 1
        }
        try context.perform(.setDebug(level: level))
        return 0
    }

    static func dumpMemory(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        let text = try context.ask(.memoryDump)
        context.output.write(Array(text.utf8))
        return 0
    }

    static func dumpRecoveryMemory(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        let text = try context.administer { (administrator) throws(AdministrationFailure) in
            try administrator.recoveryDaemonMemory()
        }
        context.output.write(text)
        return 0
    }

    static func processExists(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard (1...2).contains(arguments.count) else { throw context.usage("process-exists") }
        let pid = CNumber.atoi(arguments[0])
        let srvid = arguments.count == 2 ? try CNumber.parse(arguments[1], base: 0) : 0
        let exists: Bool
        if srvid == 0 {
            exists = try context.ask(.processExists(pid: pid))
        } else {
            let process = ProcessSrvID(pid: pid, srvid: SrvID(rawValue: srvid))
            exists = try context.ask(.processExists(process))
        }
        let which = srvid == 0 ? "" : " with SRVID 0x\(String(srvid, radix: 16))"
        context.print("PID \(pid)\(which) \(exists ? "exists" : "does not exist")\n")
        return exists ? 0 : 1
    }

    static func checkPort(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        // The legacy tool names a command here that does not exist, and so shows all of them.
        guard arguments.count == 1 else { throw context.usage("chktcpport") }
        let port = UInt32(bitPattern: CNumber.atoi(arguments[0]))
        let address = SocketAddress.ipv4(address: 0, port: 0)
        let failure = RawSegment.bindFailure(
            address.kernelBytes(port: UInt16(truncatingIfNeeded: port)))
        guard let failure else { return 0 }
        context.complain("Failed to bind to TCP port \(port)\n")
        return failure.errno
    }
}

/// Names of the states in which a ctdbd is on its way.
package enum RunStateName {
    private static let names: [(RunState, String)] = [
        (.unknown(0), "UNKNOWN"), (.initialising, "INIT"), (.setup, "SETUP"),
        (.firstRecovery, "FIRST_RECOVERY"), (.startup, "STARTUP"), (.running, "RUNNING"),
        (.shutdown, "SHUTDOWN"),
    ]

    /// The state of a name in any case; nil for none, and for `UNKNOWN`.
    package static func parse(_ text: RawText) -> RunState? {
        let word = text.bytes.map(LogLevelName.lowercased)
        return names.dropFirst().first {
            $0.1.utf8.map(LogLevelName.lowercased) == word
        }?.0
    }

    /// The name of a state.
    package static func print(_ state: RunState) -> String {
        names.first { $0.0 == state }?.1 ?? "UNKNOWN"
    }
}

/// Times and spans as the legacy tool prints them.
package enum TimeText {
    /// A time in the local zone, with a newline.
    static func local(_ seconds: Int64) -> String {
        ProcessEnvironment.localTime(seconds: seconds) ?? "(null)"
    }

    /// Days, hours, minutes and seconds between two times: `001 02:03:04`.
    package static func span(from start: Int64, to end: Int64) -> String {
        var rest = Int32(truncatingIfNeeded: end &- start)
        let seconds = rest % 60
        rest /= 60
        let minutes = rest % 60
        rest /= 60
        let hours = rest % 24
        let days = rest / 24
        let clock = [hours, minutes, seconds].map { FixedPoint.zeroPadded($0, 2) }
        return FixedPoint.zeroPadded(days, 3) + " " + clock.joined(separator: ":")
    }

    /// Seconds between two times.
    package static func difference(_ end: Timeval, _ start: Timeval) -> Double {
        Double(end.seconds &- start.seconds)
            + Double(end.microseconds &- start.microseconds) * 1.0e-6
    }
}
