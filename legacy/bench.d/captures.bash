# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# How fast captures are read: packets from memory, and a file that tshark reads too, in turn.
# Sourced by ../bench, which has the tools; the file is what the live capture has recorded.

readonly decode_rounds=5 tshark_rounds=3

milliseconds() { # COMMAND...
    local began=${EPOCHREALTIME/[.,]/} status=0
    "$@" >"$scratch/read" 2>/dev/null || status=$?
    # 3: the end of a file that is cut off.
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || die "failed ($status): $*"
    echo $(((${EPOCHREALTIME/[.,]/} - began) / 1000))
}

# allocations ROUNDS: what decoding asks for, with what the program itself needs
# shellcheck disable=SC2154  # bin, scratch, here: set by ../bench
allocations() {
    LD_PRELOAD=$scratch/countmalloc.so "$bin/ctdb-bench" decode --rounds "$1" 2>&1 >/dev/null |
        sed -n 's/^allocations //p'
}

measure_captures() {
    local round first second
    cc -O2 -Wall -shared -fPIC -o "$scratch/countmalloc.so" "$here/yardstick/countmalloc.c"
    for ((round = 0; round < decode_rounds; round++)); do
        measure "$bin/ctdb-bench" decode
        keep decode.rate "$(word 2)"
    done
    first=$(allocations 1)
    second=$(allocations 101)
    decode_allocations=$(awk -v n=$((second - first)) 'BEGIN { printf "%.3f", n / (100 * 4096) }')
    for ((round = 0; round < tshark_rounds; round++)); do
        keep read.tshark "$(milliseconds tshark -n -r "$scratch/live.pcapng")"
        keep read.ours "$(milliseconds "$bin/ctdb" capture decode "$scratch/live.pcapng")"
    done
    say "capture decode: $(row read.ours) ms; tshark: $(row read.tshark) ms;" \
        "$(wc -l <"$scratch/read") lines, $(stat -c %s "$scratch/live.pcapng") bytes"
}

print_capture_lines() {
    line decode_100B_packets_per_second \
        "$(median decode.rate | awk '{ printf "%d", $1 }')" /s least 2000000
    line decode_allocations_per_packet "$decode_allocations" each most 0
    line capture_decode_vs_tshark \
        "$(ratio "$(median read.tshark)" "$(median read.ours)")" x least 5
}
