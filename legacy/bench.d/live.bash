# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# What a live capture costs a pair of nodes that do all they can, whether it loses anything, and how
# fast a conversation is played again. Sourced by ../bench, which has the tools.

readonly live_rounds=5 live_seconds=2

# shellcheck disable=SC2154  # bin, scratch, here, name: set by ../bench
ours_on() { lab exec "$1" "$bin/ctdb" "${@:2}" </dev/null; }

# The pair without and with a capture on the node that asks, in turn. The client is the one in C,
# which is the faster of the two.
measure_live_capture() {
    local round status
    live_lost=0
    live_packets=0
    for ((round = 1; round <= live_rounds; round++)); do
        c_legacy 64 64 "$live_seconds"
        keep live.without "$(word 2)"
        ours_on 0 capture start "$scratch/live.pcapng" --wire >/dev/null
        c_legacy 64 64 "$live_seconds"
        keep live.with "$(word 2)"
        status=$(ours_on 0 capture stop --json)
        live_lost=$((live_lost + $(sed -n 's/.*"recordings":\[{[^}]*"lost":\([0-9]*\).*/\1/p' \
            <<<"$status")))
        live_packets=$(sed -n 's/.*"recordings":\[{[^}]*"packets":\([0-9]*\).*/\1/p' <<<"$status")
        say "live capture: round $round of $live_rounds, $live_packets packets, lost $live_lost"
    done
}

# What clients of one node say in a while, one after the other and two at once.
converse() {
    local round
    for round in 1 2 3 4; do
        lab exec 0 ctdb attach live.tdb
        lab exec 0 ctdb writekey live.tdb "key $round" value
        lab exec 1 ctdb writekey live.tdb "key $round" other
        lab exec 0 ctdb readkey live.tdb "key $round" &
        lab exec 0 ctdb getdbmap
        wait $!
        lab exec 0 ctdb catdb live.tdb
        lab exec 0 ctdb listvars
        lab exec 0 ctdb nodestatus all
        lab exec 0 ctdb ip all
        lab exec 0 ctdb getcapabilities
    done
}

measure_replay() {
    ours_on 0 capture start "$scratch/replay.pcapng" --relay >/dev/null
    converse </dev/null >/dev/null 2>&1
    ours_on 0 capture stop >/dev/null
    # A difference is a line of its own below.
    result=$(ours_on 0 capture replay "$scratch/replay.pcapng" --speed full --twice --json || true)
    replay_captured=$(sed -n 's/.*"captured_ms":\([0-9.]*\).*/\1/p' <<<"$result")
    replay_played=$(sed -n 's/.*"played_ms":\([0-9.]*\).*/\1/p' <<<"$result")
    replay_compared=$(sed -n 's/.*"compared":\([0-9]*\).*/\1/p' <<<"$result")
    replay_beyond=$(sed -n 's/.*"different":\([0-9]*\),"missing":\([0-9]*\).*/\1 \2/p' \
        <<<"$result" | awk '{ print $1 + $2 }')
    say "replay: $replay_compared answers in $replay_played ms, were $replay_captured ms"
}

print_live_lines() {
    line live_capture_throughput_ratio \
        "$(ratio "$(median live.with)" "$(median live.without)")" x least 0.9
    line live_capture_lost "$live_lost" packets most 0
    line replay_speedup "$(ratio "$replay_captured" "$replay_played")" x least 5
    line replay_beyond_noise "${replay_beyond:-1}" answers most 0
}
