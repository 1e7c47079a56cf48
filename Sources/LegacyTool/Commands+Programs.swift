// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Sockets

// Commands that run other programs, with their streams.

extension Commands {
    static func event(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        let program = context.environment.program("ctdb-event", variable: "CTDB_EVENT_HELPER")
        return context.run("event daemon helper", program, arguments)
    }

    static func scriptStatus(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count <= 1 else { throw context.usage("scriptstatus") }
        _ = try event(context, ["status", "legacy", arguments.first ?? "monitor"])
        return 0
    }

    static func natgw(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("natgw") }
        let program = context.environment.program("ctdb_natgw", variable: "CTDB_NATGW_HELPER")
        return context.run("NAT gateway helper", program, arguments)
    }

    static func lvs(
        _ context: ToolContext, _ arguments: [RawText]
    ) throws(ToolExit) -> Int32 {
        guard arguments.count == 1 else { throw context.usage("lvs") }
        let program = context.environment.program("ctdb_lvs", variable: "CTDB_LVS_HELPER")
        return context.run("LVS helper", program, arguments)
    }
}

extension ToolContext {
    /// Programs tell error numbers by exit codes from here.
    private static let errorBase: Int32 = 64

    /// Runs a program, and gives what the legacy tool makes of its end.
    func run(_ name: String, _ program: RawText, _ arguments: [RawText]) -> Int32 {
        output.flush()
        let code: Int32
        switch ChildProgram.run(program.bytes, arguments: arguments.map(\.bytes)) {
        case .exited(let status): code = status
        case .notStarted(let error): code = Self.errorBase + error.errno
        case .signalled(let signal):
            complain("\(name) terminated with signal \(signal)\n")
            // EINTR.
            return 4
        }
        guard (Self.errorBase..<255).contains(code) else { return code }
        complain("\(name) failed with error \(code - Self.errorBase)\n")
        return code - Self.errorBase
    }
}
