# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# What the command line costs, against the legacy tool, in turn and in the same run. Sourced by
# ../bench, which has the tools.

readonly cli_rounds=200 cli_lines=10000 cli_legacy_lines=200

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

print_cli_lines() {
    line cli_node_pnn_ratio \
        "$(ratio "$(median cli.pnn.ours)" "$(median cli.pnn.legacy)")" x most 1.0
    line cli_lines_speedup \
        "$(ratio "$(median cli.line.legacy)" "$(median cli.line.ours)")" x least 50
}
