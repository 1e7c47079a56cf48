# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# What is measured and how the lines come from it. Sourced by ../bench, which has the tools.

readonly flood_mib=1024

# shellcheck disable=SC2154  # bin, scratch, socket, c_srvid: set by ../bench
start_everything() {
    local node
    ctdbd_pids=()
    proxies=()
    for node in 0 1 2; do
        ctdbd_pids+=("$(<"$(lab path "$node" run)/ctdbd.pid")")
        start "$node" "proxy$node.log" "$bin/ctdb-proxyd"
        proxies+=("$started")
    done
    for node in 0 1; do
        start "$node" "serve$node.log" "$bin/ctdb-bench" serve
    done
    serve1=$started
    start 1 legacy.log "$bin/ctdb-bench" legacy-serve
    start 1 c-legacy.log "$scratch/legacyclient" serve "$socket" "$c_srvid"
    start_local
    # The first answer shows that the path is there.
    bench load --json --node 1 --count 10 --warmup 0
    bare --count 10 --warmup 0
}

# The servers of the local round trips. Where a pair runs decides more than what it does: on two
# processors each waits for the other to wake up, on one for the other to finish. So both pairs are
# given the same places: the server the first processor, the client the last one and, for the
# figures on standard error only, the first one too.
start_local() {
    on 0 "$scratch/datagram" serve "$scratch/datagram.sock" &
    pids+=("$!")
    on 0 "$bin/ctdb-bench" local-serve --run-directory "$scratch/local" >"$scratch/local.log" 2>&1 &
    pids+=("$!")
    until [ -S "$scratch/local/echo.sock" ]; do sleep 0.05; done
}

# Always in the background, and so in a shell of its own, which becomes the program: whoever ends
# the one ends the other.
on() {
    local processor=$1
    shift
    exec taskset --cpu-list "$processor" "$@"
}

# measure_local SERIES PROCESSOR
measure_local() {
    measure on "$2" "$scratch/datagram" load "$scratch/datagram.sock" 20000 64
    keep "c.$1" "$(word 3)"
    measure on "$2" "$bin/ctdb-bench" local-load --json --count 20000 \
        --run-directory "$scratch/local"
    keep "ours.$1" "$(field p50_us)"
}

measure_idle_memory() {
    sleep 2
    idle_rss=$(rss_mib VmRSS "${proxies[@]}")
}

# Each thing and what it is compared with, one after the other.
# shellcheck disable=SC2154  # round, rounds: set by ../bench
measure_round() {
    bare --seconds 1.5
    keep bare.1.p50 "$(field p50_us)"
    ours --seconds 1.5
    keep ours.1.p50 "$(field p50_us)"

    with_ticks bare.64.ticks bare --seconds 2 --outstanding 64
    keep bare.64 "$(field per_second)"
    c_legacy 64 64 2
    keep c.64 "$(word 2)"
    with_ticks ours.64.ticks ours --seconds 2 --outstanding 64
    keep ours.64 "$(field per_second)"
    with_ticks ours.512.ticks ours --seconds 2 --outstanding 512
    keep ours.512 "$(field per_second)"

    bare --seconds 2 --outstanding 8 --size 1M --warmup 20
    keep bare.1M "$(field per_second)"
    ours --seconds 2 --outstanding 8 --size 1M --warmup 20
    keep ours.1M "$(field per_second)"

    measure_local local "$(($(nproc) - 1))"
    measure_local local_one_cpu 0
    say "round $round of $rounds"
}

# Pings in the urgent lane, without and with a large message under way between the same nodes.
measure_urgent() {
    local turn bulk
    for turn in 1 2 3; do
        ours --urgent --count 2000
        keep urgent.idle "$(field p99_us)"
        start 0 bulk.log "$bin/ctdb-bench" bulk --node 1 --repeat 1000
        bulk=$started
        sleep 1
        ours --urgent --count 2000
        keep urgent.busy "$(field p99_us)"
        # It ends when the message under way is delivered.
        kill -TERM "$bulk" 2>/dev/null || die "the large message failed: $(<"$scratch/bulk.log")"
        wait "$bulk" || die "the large message failed: $(<"$scratch/bulk.log")"
        keep bulk "$(sed -n 's|.* \([0-9.]*\) MiB/s.*|\1|p' "$scratch/bulk.log")"
        say "urgent lane: turn $turn of 3"
    done
}

# A daemon that does not read: its sender waits, the proxies do not grow, nothing is lost.
measure_stopped_reader() {
    local before flood proxy
    before=$(message_count)
    for proxy in "${proxies[@]}"; do echo 5 >"/proc/$proxy/clear_refs"; done
    start 0 flood.log "$bin/ctdb-bench" flood --node 1 --bytes "${flood_mib}M" --progress
    flood=$started
    until grep -qs "^delivered" "$scratch/flood.log"; do sleep 0.05; done
    kill -STOP "$serve1"
    sleep 1
    stopped_from=$(flood_delivered)
    sleep 5
    stopped_to=$(flood_delivered)
    kill -0 "$flood" || die "the flood ended while its reader was stopped"
    stopped_rss=$(rss_mib VmHWM "${proxies[@]}")
    kill -CONT "$serve1"
    wait "$flood" || die "the flood failed: $(tail -n 1 "$scratch/flood.log")"
    flood_rss=$(rss_mib VmHWM "${proxies[@]}")
    lost=$((flood_mib - ($(message_count) - before)))
    say "flood: $(tail -n 1 "$scratch/flood.log")"
}

flood_delivered() { sed -n 's/^delivered \([0-9]*\) .*/\1/p' "$scratch/flood.log" | tail -n 1; }

print_lines() {
    local best=64 series yardstick=bare.64
    for series in "$scratch"/series.*; do
        series=${series##*/series.}
        say "$series: median $(median "$series") of $(tr '\n' ' ' <"$scratch/series.$series")"
    done
    if awk -v a="$(median ours.512)" -v b="$(median ours.64)" 'BEGIN { exit !(a > b) }'; then
        best=512
    fi
    # The faster of the two bare clients is what there is to beat.
    if awk -v a="$(median c.64)" -v b="$(median bare.64)" 'BEGIN { exit !(a > b) }'; then
        yardstick=c.64
    fi
    line rtt_64B_p50_ratio "$(ratio "$(median ours.1.p50)" "$(median bare.1.p50)")" x most 1.6
    line "throughput_64B_x${best}_ratio" \
        "$(ratio "$(median "ours.$best")" "$(median "$yardstick")")" x least 1.5
    line ctdbd_cpu_per_million_ratio \
        "$(ratio "$(median "ours.$best.ticks")" "$(median bare.64.ticks)")" x most 0.3
    line throughput_1MiB_ratio "$(ratio "$(median ours.1M)" "$(median bare.1M)")" x least 0.8
    line urgent_p99_under_256MiB_ratio \
        "$(ratio "$(median urgent.busy)" "$(median urgent.idle)")" x most 4
    line proxy_idle_rss "$idle_rss" MiB most 12
    line proxy_stopped_reader_rss "$stopped_rss" MiB most 64
    line proxy_flood_rss "$flood_rss" MiB most 64
    line delivered_while_stopped "$((stopped_to - stopped_from))" MiB most 0
    line lost "$lost" MiB most 0
    line local_rtt_64B_p50_ratio \
        "$(ratio "$(median ours.local)" "$(median c.local)")" x most 1.3
    line legacy_bare_vs_C_ratio "$(ratio "$(median bare.64)" "$(median c.64)")" x least 0.9
}
