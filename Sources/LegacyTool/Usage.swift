// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The texts of `--help`, `--usage`, and of a command called wrongly.
enum Usage {
    /// The options, one a line, as popt prints them.
    static let help = """
        Usage: [OPTION...]
          -d, --debug=STRING       debug level
          -t, --timelimit=INT      timelimit (in seconds)
          -n, --node=INT           node specification - integer
          -Y                       enable machine readable output
          -x, --separator=CHAR     specify separator for machine readable output
          -X                       enable machine parsable output with separator |
          -v, --verbose            enable verbose output
          -T, --maxruntime=INT     die if runtime exceeds this limit (in seconds)

        Help options:
          -?, --help               Show this help message
              --usage              Display brief usage message

        """

    /// The options in brief, as popt prints them.
    static func brief(terminalWidth: Int?) -> String {
        """
        Usage: [-?YXv] [-?|--help] [--usage] [-d|--debug=STRING]
                [-t|--timelimit=INT] [-n|--node=INT] [-Y] [-x|--separator=CHAR]
                [-X] [-v|--verbose] [-T|--maxruntime=INT]

        """
    }

    /// The options and all commands.
    static func full() -> RawText {
        RawText(help + "\nCommands:\n" + Command.table.map(\.helpLine).joined())
    }

    /// The options in brief, and one command.
    static func text(of name: String, terminalWidth: Int?) -> RawText {
        guard let command = Command.named(RawText(name)) else { return full() }
        return RawText(
            brief(terminalWidth: terminalWidth) + "\nCommands:\n" + command.helpLine)
    }
}
