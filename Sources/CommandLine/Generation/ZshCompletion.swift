// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The completion for zsh.
enum ZshCompletion {
    static func text(_ structure: Structure) -> String {
        let places = CompletionPlace.all(structure)
        let words = places.filter { !$0.words.isEmpty }.map { place in
            let lines = place.words.map { "            \(quoted("\($0.name):\($0.summary)"))" }
            return "        '\(place.path.joined(separator: " "))') reply=(\n"
                + lines.joined(separator: "\n") + "\n        ) ;;\n"
        }
        let takes = places.filter { !$0.sources.isEmpty }.map { place in
            "        '\(place.path.joined(separator: " "))') "
                + "reply=(\(place.sources.map(quoted).joined(separator: " "))) ;;\n"
        }
        let options = places.filter { !$0.options.isEmpty }.map { place in
            "        '\(place.path.joined(separator: " "))') reply=("
                + place.options.map { quoted("--\($0.name):\($0.summary)") }
                .joined(separator: " ") + ") ;;\n"
        }
        let valued = CompletionPlace.valued(
            Settings.options + places.flatMap(\.options)
        ).map {
            "        \($0.spellings.joined(separator: "|"))) reply=(\(quoted($0.source))) ;;\n"
        }
        let common = Settings.options.map { "        " + quoted("--\($0.name):\($0.summary)") }
        return "#compdef ctdb\n" + CompletionPlace.head("#", "_ctdb") + """

            _ctdb_words() {
                reply=()
                case $1 in
            \(words.joined())    esac
            }

            _ctdb_takes() {
                reply=()
                case $1 in
            \(takes.joined())    esac
            }

            _ctdb_options() {
                reply=()
                case $1 in
            \(options.joined())    esac
                reply+=(
            \(common.joined(separator: "\n"))
                )
            }

            _ctdb_value() {
                reply=()
                case $1 in
            \(Set(valued).sorted().joined())    esac
            }

            _ctdb_offer() {
                local -a found
                case $1 in
                    @file) _files; return ;;
                    @*) found=(${(f)"$(ctdb complete ${1#@} 2>/dev/null)"}) ;;
                    -|'') return 1 ;;
                    *) found=(${(s:,:)1}) ;;
                esac
                compadd -a found
            }

            _ctdb() {
                local place='' next previous='' given=0 index
                local -a reply names
                for ((index = 2; index < CURRENT; index++)); do
                    next=${words[index]}
                    _ctdb_value "$previous"
                    if (( ${#reply} )); then
                        previous=''
                        continue
                    fi
                    previous=$next
                    [[ $next == -* ]] && continue
                    _ctdb_words "$place"
                    names=(${reply%%:*})
                    if (( ${names[(Ie)$next]} )); then
                        [[ $next == help ]] || place=${place:+$place }$next
                    else
                        (( given += 1 ))
                    fi
                done
                _ctdb_value "$previous"
                if (( ${#reply} )); then
                    _ctdb_offer "$reply[1]"
                    return
                fi
                if [[ ${words[CURRENT]} == -* ]]; then
                    _ctdb_options "$place"
                    _describe 'option' reply
                    return
                fi
                _ctdb_words "$place"
                if (( ${#reply} )); then
                    _describe 'command' reply
                    return
                fi
                _ctdb_takes "$place"
                if (( given < ${#reply} )); then
                    _ctdb_offer "${reply[given + 1]%...}"
                elif [[ ${reply[-1]-} == *... ]]; then
                    _ctdb_offer "${reply[-1]%...}"
                fi
            }

            compdef _ctdb ctdb

            """
    }

    private static func quoted(_ text: String) -> String {
        "'"
            + text.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
