// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The completion for bash.
enum BashCompletion {
    static func text(_ structure: Structure) -> String {
        let places = CompletionPlace.all(structure)
        let words = places.filter { !$0.words.isEmpty }.map { place in
            "        \"\(place.path.joined(separator: " "))\") "
                + "echo \"\(place.words.map(\.name).joined(separator: " "))\" ;;\n"
        }
        let takes = places.filter { !$0.sources.isEmpty }.map { place in
            "        \"\(place.path.joined(separator: " "))\") "
                + "echo \"\(place.sources.joined(separator: " "))\" ;;\n"
        }
        let options = places.filter { !$0.options.isEmpty }.map { place in
            "        \"\(place.path.joined(separator: " "))\") "
                + "echo \"\(place.options.map { "--\($0.name)" }.joined(separator: " "))\" ;;\n"
        }
        let valued = CompletionPlace.valued(
            Settings.options + places.flatMap(\.options)
        ).map { "        \($0.spellings.joined(separator: "|"))) echo \"\($0.source)\" ;;\n" }
        let common = Settings.options.map { "--\($0.name)" }.joined(separator: " ")
        return CompletionPlace.head("#", "ctdb.bash") + """
            # shellcheck shell=bash

            # The words that may follow the nouns in $1.
            _ctdb_words() {
                case $1 in
            \(words.joined())    esac
            }

            # What completes the arguments of the verb in $1, one word for each.
            _ctdb_takes() {
                case $1 in
            \(takes.joined())    esac
            }

            # The options that the verb in $1 has of its own.
            _ctdb_options() {
                case $1 in
            \(options.joined())    esac
            }

            # What completes the value of option $1; nothing when it has none.
            _ctdb_value() {
                case $1 in
            \(Set(valued).sorted().joined())    esac
            }

            # The words that a source of completions has.
            _ctdb_source() {
                case $1 in
                    @file) compgen -f -- "$2" ;;
                    @*) ctdb complete "${1#@}" 2>/dev/null ;;
                    -) ;;
                    *) echo "${1//,/ }" ;;
                esac
            }

            _ctdb() {
                local word=${COMP_WORDS[COMP_CWORD]} path="" given=0 previous="" index next source
                local -a takes
                COMPREPLY=()
                for ((index = 1; index < COMP_CWORD; index++)); do
                    next=${COMP_WORDS[index]}
                    if [ -n "$(_ctdb_value "$previous")" ]; then
                        previous=""
                        continue
                    fi
                    previous=$next
                    [[ $next == -* ]] && continue
                    if [[ " $(_ctdb_words "$path") " == *" $next "* ]]; then
                        [ "$next" = help ] || path=${path:+$path }$next
                    else
                        given=$((given + 1))
                    fi
                done
                source=$(_ctdb_value "$previous")
                if [ -n "$source" ]; then
                    next=$(_ctdb_source "$source" "$word")
                elif [[ $word == -* ]]; then
                    next="$(_ctdb_options "$path") \(common)"
                else
                    next=$(_ctdb_words "$path")
                    if [ -z "$next" ]; then
                        read -r -a takes <<<"$(_ctdb_takes "$path")"
                        source=${takes[given]-}
                        if [ -z "$source" ] && [ ${#takes[@]} -gt 0 ]; then
                            source=${takes[${#takes[@]} - 1]}
                            [[ $source == *... ]] || source=-
                        fi
                        next=$(_ctdb_source "${source%...}" "$word")
                    fi
                fi
                mapfile -t COMPREPLY < <(compgen -W "$next" -- "$word")
            }

            complete -F _ctdb ctdb

            """
    }
}
