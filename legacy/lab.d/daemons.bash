# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# The daemons beside ctdbd, on the nodes of a laboratory. Sourced by ../lab.

# shellcheck disable=SC2154  # state, nodes: set by ../lab

# What is started unless somebody says otherwise, in the order of the units.
readonly daemon_programs=(ctdb-proxyd ctdb-eventd ctdb-clusterd ctdb-ipd)

# Where a node's daemon is noted: the pid of what keeps it, and the program.
daemon_file() { echo "$state/node$1/daemon.$2"; }

# As systemd does it with Restart=always and RestartSec=1s; and nothing of the caller's.
# shellcheck disable=SC2016  # expanded there
readonly keep_daemon='
    echo $$ >"$1"
    program=$2
    shift 2
    trap "over=yes; kill -TERM \$child 2>/dev/null" TERM
    over=no
    while [ "$over" = no ]; do
        "$program" "$@" &
        child=$!
        wait "$child"
        while kill -0 "$child" 2>/dev/null; do wait "$child"; done
        [ "$over" = yes ] || sleep 1
    done'

start_daemon() ( # NODE FOLDER PROGRAM
    close_inherited_files
    umask 022
    local words=() log=$state/node$1/log/$3.log
    [ "$3" != ctdb-eventd ] || words=(--service)
    # What a ctdbd in test mode would be told must not reach a daemon here.
    in_node "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C \
        setsid bash -c "$keep_daemon" "keep-$3" "$(daemon_file "$1" "$3")" "$2/$3" "${words[@]}" \
        </dev/null >>"$log" 2>&1 &
)

verb_daemons() {
    local action=${1-} folder node program file pid selected=() programs=()
    case $action in
        start)
            [ -d "${2-}" ] || die_usage "daemons start FOLDER [NODE|PROGRAM...]"
            folder=$(realpath "$2")
            shift 2
            ;;
        stop) shift ;;
        *) die_usage "daemons start FOLDER [NODE|PROGRAM...], daemons stop [NODE|PROGRAM...]" ;;
    esac
    for file in "$@"; do
        case $file in
            ctdb-*d) programs+=("$file") ;;
            *) require_node "$file"; selected+=("$file") ;;
        esac
    done
    [ ${#programs[@]} -gt 0 ] || programs=("${daemon_programs[@]}")
    [ ${#selected[@]} -gt 0 ] || mapfile -t selected < <(seq 0 $((nodes - 1)))
    for node in "${selected[@]}"; do
        for program in "${programs[@]}"; do
            file=$(daemon_file "$node" "$program")
            if [ "$action" = start ]; then
                [ -x "$folder/$program" ] || continue
                [ ! -s "$file" ] || die "node $node has a $program already"
                start_daemon "$node" "$folder" "$program"
            else
                [ -s "$file" ] || continue
                read -r pid <"$file"
                rm -f "$file"
                if pids_in "$state/ns/node$node.net" | grep -qx "$pid"; then
                    kill -TERM "$pid" 2>/dev/null || true
                fi
            fi
        done
    done
}

# The daemons of a name on a node, without the one that ctdbd has started, and without its keeper.
pids_of_daemon() {
    local pid own
    own=" $(pids_of_ctdbd "$1" 'ctdb?*' | tr '\n' ' ') "
    for pid in $(pids_named "$1" "$2"); do
        [[ $own == *" $pid "* ]] || echo "$pid"
    done
}
