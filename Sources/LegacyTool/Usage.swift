// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The texts of `--help`, `--usage`, and of a command called wrongly.
enum Usage {
    /// The options, one a line, as popt prints them.
    static let help: RawText = """
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

    /// What popt lists in brief.
    private static let items = [
        "[-?|--help]", "[--usage]", "[-d|--debug=STRING]", "[-t|--timelimit=INT]",
        "[-n|--node=INT]", "[-Y]", "[-x|--separator=CHAR]", "[-X]", "[-v|--verbose]",
        "[-T|--maxruntime=INT]",
    ]

    /// The options in brief, as popt prints them.
    ///
    /// - Parameter terminalWidth: the columns of the terminal; nil when output goes elsewhere.
    /// - Returns: some lines.
    static func brief(terminalWidth: Int?) -> RawText {
        let width = terminalWidth ?? 0
        let limit = (80..<256).contains(width) ? width - 1 : 79
        var text = "Usage: [-?YXv]"
        var column = text.utf8.count
        for item in items {
            // popt counts one column too many after each.
            let width = item.utf8.count + 1
            if column + width > limit {
                text += "\n       "
                column = 7
            }
            text += " " + item
            column += width + 1
        }
        return RawText(text + "\n")
    }

    /// The options and all commands.
    static func full() -> RawText {
        help + RawText("\nCommands:\n" + Command.table.map(\.helpLine).joined())
    }

    /// The options in brief, and one command; everything when there is no such command.
    static func text(of name: String, terminalWidth: Int?) -> RawText {
        guard let command = Command.named(RawText(name)) else { return full() }
        return brief(terminalWidth: terminalWidth) + "\nCommands:\n" + RawText(command.helpLine)
    }
}
