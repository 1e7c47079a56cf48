# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# What the command line costs, against the legacy tool, in turn and in the same run. Sourced by
# ../bench, which has the tools.

readonly cli_rounds=200 cli_lines=10000 cli_legacy_lines=200
# Seconds that a status may take while a node is cut off.
readonly cli_limit=2

# Nanoseconds that each of the two programs takes, in turn; runs on node 0.
# shellcheck disable=SC2016  # expanded there
readonly cli_alternate='
    clock() { local now=${EPOCHREALTIME/[.,]/}; echo "$now"; }
    for ((i = 0; i < $2; i++)); do
        a=$(clock); "$1" node pnn >/dev/null || exit 1
        b=$(clock); /usr/bin/ctdb pnn >/dev/null || exit 1
        c=$(clock)
        echo "$((b - a)) $((c - b))"
    done'

# shellcheck disable=SC2154  # bin, scratch, here, name: set by ../bench
measure_cli() {
    local address i began ended line addresses
    measure "$here/lab" --name "$name" exec 0 timeout 60 bash -c "$cli_alternate" bash \
        "$bin/ctdb" "$cli_rounds"
    while read -r i line; do
        keep cli.pnn.ours "$i"
        keep cli.pnn.legacy "$line"
    done <<<"$result"

    mapfile -t addresses < <(lab exec 0 "$bin/ctdb" ip list --porcelain | cut -f 1)
    for ((i = 0; i < cli_lines; i++)); do
        address=${addresses[i % ${#addresses[@]}]}
        echo "10.99.$((i / 250)).$((i % 250 + 1)):$((i + 1)) $address:445"
    done >"$scratch/cli.lines"
    head -n "$cli_legacy_lines" "$scratch/cli.lines" >"$scratch/cli.legacy"
    began=${EPOCHREALTIME/[.,]/}
    # shellcheck disable=SC2016  # expanded there
    measure "$here/lab" --name "$name" exec 0 timeout 60 bash -c '
        while read -r source destination; do
            /usr/bin/ctdb addtickle "$source" "$destination" </dev/null || exit 1
        done <"$1"' bash "$scratch/cli.legacy"
    ended=${EPOCHREALTIME/[.,]/}
    keep cli.line.legacy $(((ended - began) / cli_legacy_lines))
    began=${EPOCHREALTIME/[.,]/}
    # shellcheck disable=SC2016  # expanded there
    measure "$here/lab" --name "$name" exec 0 timeout 60 bash -c \
        '"$1" ip connection add <"$2"' bash "$bin/ctdb" "$scratch/cli.lines"
    ended=${EPOCHREALTIME/[.,]/}
    keep cli.line.ours "$(awk -v t=$((ended - began)) -v n="$cli_lines" 'BEGIN { print t / n }')"
}

# A node is cut off: what it takes to say so, as a part of the time limit given, and whether just
# that node is marked and the exit code is that of an answer that is not complete.
# shellcheck disable=SC2154  # set by ../bench
measure_cut() {
    local round began ended code output
    lab cut 2 >/dev/null
    for ((round = 0; round < 3; round++)); do
        # shellcheck disable=SC2016  # expanded there
        measure "$here/lab" --name "$name" exec 0 timeout 60 bash -c '
            began=${EPOCHREALTIME/[.,]/}
            output=$("$1" cluster status --porcelain --timeout "$2" 2>"$3")
            code=$?
            ended=${EPOCHREALTIME/[.,]/}
            echo "$((ended - began)) $code $(grep -c ^members <<<"$output")" \
                "$(grep -c ^members.*running <<<"$output") $(grep -c "node 2: " "$3")" \
                "$(wc -l <"$3")"' bash "$bin/ctdb" "$cli_limit" "$scratch/cut.errors"
        keep cli.cut "$(awk -v t="$(word 1)" -v n="$cli_limit" 'BEGIN { print t / n / 1e6 }')"
        # Exit code 3; three rows, two of them filled; one complaint, which is about node 2.
        [ "$(word 2-)" = "3 3 2 1 1" ] || say "cluster status with node 2 cut off: $result"
        [ "$(word 2-)" = "3 3 2 1 1" ] && keep cli.cut.wrong 0 || keep cli.cut.wrong 1
    done
    lab heal 2 >/dev/null
}

# The old spelling by the program's own code, byte for byte against the installed tool.
measure_bytes() {
    local summary
    "$here/compare-tool" --full --both "$bin/ctdb" >"$scratch/compare" 2>&1 || true
    summary=$(sed -nE 's/^compare-tool: ([0-9]+) cases, ([0-9]+) different.*/\1 \2/p' \
        "$scratch/compare")
    if [ -z "$summary" ]; then
        tail -n 20 "$scratch/compare" >&2
        die "no byte comparison"
    fi
    keep cli.bytes.cases "${summary% *}"
    keep cli.bytes.different "${summary#* }"
    grep '^DIFFERENT' "$scratch/compare" >&2 || true
}

print_cli_lines() {
    line cli_cut_status_time_of_limit "$(awk '{ m = $1 > m ? $1 : m } END { printf "%.3f", m }' \
        "$scratch/series.cli.cut")" x most 1.0
    line cli_cut_status_wrong "$(awk '{ s += $1 } END { print s }' \
        "$scratch/series.cli.cut.wrong")" '' most 0
    line cli_bytes_different "$(median cli.bytes.different)" cases most 0
    line cli_bytes_compared "$(median cli.bytes.cases)" cases least 8000
    line cli_node_pnn_ratio \
        "$(ratio "$(median cli.pnn.ours)" "$(median cli.pnn.legacy)")" x most 1.0
    line cli_lines_speedup \
        "$(ratio "$(median cli.line.legacy)" "$(median cli.line.ours)")" x least 50
}
