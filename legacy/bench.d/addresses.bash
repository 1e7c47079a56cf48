# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# How public addresses are measured, and how the lines come from it. Sourced by ../bench-addresses,
# which has the tools.

# shellcheck disable=SC2154  # what ../bench-addresses has set
readonly adding_rounds=20
readonly script=/etc/ctdb/events/legacy/10.interface.script

# --- one address on one node, by ctdbd's script and by netlink, in turn ---

# The script alone: ctdbd's announcement, some 40 us, would come on top.
# shellcheck disable=SC2016  # expanded there
readonly by_script='
    began=${EPOCHREALTIME/[.,]/}
    CTDB_BASE=/etc/ctdb "$1" takeip eth1 10.99.0.1 16 >/dev/null || exit 1
    echo "$((${EPOCHREALTIME/[.,]/} - began))"
    ip address del 10.99.0.1/16 dev eth1'

measure_adding() {
    local round
    for ((round = 0; round < adding_rounds; round++)); do
        keep add.script "$(lab exec 0 bash -c "$by_script" bash "$script")"
        keep add.netlink "$(lab exec 0 "$bin/ctdb-bench" address --interface eth1)"
    done
    lab exec 0 "$bin/ctdb-bench" address --interface eth1 --count "$addresses" \
        >"$scratch/series.add.many"
    keep add.once "$(lab exec 0 "$bin/ctdb-bench" address --interface eth1 \
        --count "$addresses" --at-once)"
}

print_adding() {
    say "one address by the script: median $(median add.script) us of $(row add.script)"
    say "one address by netlink, announced: median $(median add.netlink) us of $(row add.netlink)"
    say "one of $addresses after the other: median $(median add.many) us," \
        "greatest $(greatest add.many) us; all at once: $(median add.once) us"
    line address_add_and_announce \
        "$(median add.netlink | awk '{ printf "%.3f", $1 / 1000 }')" ms most 1
    line address_add_ratio "$(ratio "$(median add.netlink)" "$(median add.script)")" x most 0.2
}

# --- moves: ctdbd and ctdb-ipd in turn ---

readonly port=4450
# A command on a node takes so long at most, and so does a wait.
readonly limit=120

on() { timeout "$limit" "$here/lab" --name "$name" exec "$@"; }

# Waits for a condition, a command; what it waits for is said when it does not come.
await() { # WHAT COMMAND...
    local what=$1 i
    shift
    for ((i = 0; i < limit * 20; i++)); do
        if "$@"; then return; fi
        sleep 0.05
    done
    die "not within $limit s: $what"
}

# Whether so many addresses are on a node, by what the nodes say.
are_on() { # NODE COUNT
    [ "$(on "$1" "$bin/ctdb" ip list --porcelain 2>/dev/null |
        awk -F '\t' -v node="$1" '$2 == node' | wc -l)" = "$2" ]
}

# The addresses that have been answered for by another node than one since a time.
count_moved() { # LOG NODE TIME
    awk -v ttl=$((100 + $2)) -v since="$3" \
        '$1 == "holder" && $3 != ttl && $4 > since { moved[$2] = 1 }
            END { print length(moved) }' "$scratch/$1"
}
has_moved() { [ "$(count_moved "$1" "$2" "$3")" = "$4" ]; }
has_heard() { [ "$(grep -c '^holder' "$scratch/$1")" -ge "$2" ]; }
when_moved() { # LOG NODE TIME: when the last address was first answered for by another node
    awk -v ttl=$((100 + $2)) -v since="$3" \
        '$1 == "holder" && $3 != ttl && $4 > since && !($2 in moved) {
            moved[$2] = 1
            if ($4 > last) last = $4
        } END { printf "%.0f\n", last }' "$scratch/$1"
}
longest() { awk '$1 == "longest" { print $3 }' "$scratch/$1" | sort -n | tail -n 1; }

now() { echo "${EPOCHREALTIME/[.,]/}"; }

# All addresses go from one node to the other, because the one is disabled.
measure_disable() { # MODE FROM
    local mode=$1 from=$2 prober since log=prober.$1.$2
    # Ten questions an address and second would be enough; twenty times as many addresses need
    # as much of the processor as ten milliseconds with one.
    start switch "$log" "$scratch/prober" 50 "${public[@]}"
    prober=$started
    await "an answer of each address" has_heard "$log" "$addresses"
    since=$(now)
    on "$from" ctdb disable >/dev/null
    await "all addresses to leave node $from" has_moved "$log" "$from" "$since" "$addresses"
    keep "$mode.last" $(($(when_moved "$log" "$from" "$since") - since))
    stop "$prober"
    keep "$mode.longest.all" "$(longest "$log")"
    on "$from" ctdb enable >/dev/null
}

# One address goes from one node to another by command.
measure_move() { # MODE FROM TO
    local mode=$1 from=$2 to=$3 prober since client taken connected
    local log=gap.$1.$2 talk=talk.$1.$2
    start switch "$log" "$scratch/prober" 10 "${public[0]}"
    prober=$started
    start switch "$talk" "$scratch/reconnect" "${public[0]}" "$port"
    client=$started
    await "an answer" has_heard "$log" 1
    await "a connection" grep -q '^connected' "$scratch/$talk"
    register_client "$from"
    kill -USR1 "$prober"
    sleep 1
    since=$(now)
    on "$from" "$bin/ctdb" moveip "${public[0]}" "$to" >/dev/null
    await "${public[0]} to leave node $from" has_moved "$log" "$from" "$since" 1
    taken=$(when_moved "$log" "$from" "$since")
    await "another connection" has_reconnected "$talk" "$since"
    connected=$(awk -v since="$since" '$1 == "connected" && $2 > since { print $2; exit }' \
        "$scratch/$talk")
    stop "$client"
    stop "$prober"
    # What was reported before the move is in front of the first "end".
    keep "$mode.gap" "$(sed '1,/^end/d' "$scratch/$log" | awk '$1 == "longest" { print $3 }')"
    keep "$mode.reconnect" $((connected - taken))
}
has_reconnected() {
    awk -v since="$2" '$1 == "connected" && $2 > since { found = 1 } END { exit !found }' \
        "$scratch/$1"
}

# smbd tells ctdbd of its clients; the server here does not. ctdb-ipd finds them itself.
register_client() {
    local client
    client=$(on "$1" ss -Htn state established "src [${public[0]}]" | awk 'NR == 1 { print $4 }' |
        sed 's/\[::ffff://; s/\]//')
    [ -z "$client" ] || on "$1" ctdb addtickle "$client" "${public[0]}:$port" >/dev/null
}

# Our daemons are beside ctdbd all the time; in legacy they do nothing.
measure_moves() {
    local round node mode
    mapfile -t public < <(cut -d / -f 1 "$(lab path 0 etc)/public_addresses")
    for node in 0 1 2; do
        on "$node" ctdb setvar NoIPFailback 1
        start "$node" "serve.$node" "$scratch/reconnect" serve "$port"
    done
    lab daemons start "$bin" ctdb-proxyd ctdb-eventd ctdb-ipd
    for ((round = 0; round < rounds; round++)); do
        for mode in "${modes[@]}"; do
            "use_$mode"
            gather
            say "round $((round + 1)), $mode"
            measure_move "$mode" 0 1
            measure_move "$mode" 1 0
            measure_disable "$mode" 0
            measure_disable "$mode" 1
            [ "$mode" != finalised ] || measure_idle
        done
    done
}

# All addresses on node 0: the others are disabled for a moment, the third one for good.
gather() {
    on 2 ctdb disable >/dev/null
    on 1 ctdb disable >/dev/null
    await "all addresses on node 0" are_on 0 "$addresses"
    on 1 ctdb enable >/dev/null
    # What was deferred until the node is whole again is not to be measured.
    sleep 2
}

# A step of the stages, until it is done; a verification needs a takeover run to compare.
stage() { # VERB FUNCTION
    local i said
    for ((i = 0; i < limit; i++)); do
        said=$(on 0 "$bin/ctdb" stage "$1" "$2" 2>&1 || true)
        [[ $said != *"done      yes"* ]] || return 0
        [ "$1" != verify ] || on 0 ctdb ipreallocate >/dev/null 2>&1 || true
        sleep 1
    done
    die "ctdb stage $1 $2: $said"
}
is_in_effect() { # STAGE FUNCTION
    [ "$(on 0 "$bin/ctdb" stage list --porcelain |
        awk -F '\t' -v f="$2" -v s="$1" \
            '$1 == "stages" && $2 == f && $4 == s && $5 == s' | wc -l)" = 3 ]
}
reach() { # STAGE FUNCTION VERB...
    local goal=$1 function=$2 verb
    shift 2
    for verb in "$@"; do stage "$verb" "$function"; done
    await "$function to be $goal" is_in_effect "$goal" "$function"
}

current=legacy
use_legacy() {
    [ "$current" != legacy ] || return 0
    on 2 ctdb enable >/dev/null
    reach native ip reverse
    reach shadow ip reverse
    reach legacy ip cancel
    reach shadow event reverse
    reach legacy event cancel
    current=legacy
}
use_finalised() {
    on 2 ctdb enable >/dev/null
    reach shadow event prepare
    reach native event verify switch
    reach shadow ip prepare
    reach native ip verify switch
    reach finalised ip verify complete
    current=finalised
}
modes=(legacy finalised)

# What the daemon of a node needs that hosts all addresses, while nothing happens.
measure_idle() {
    local pid before
    pid=$(on 0 pgrep -x ctdb-ipd | while read -r each; do
        [ "$(readlink "/proc/$each/ns/net")" != "$(on 0 readlink /proc/self/ns/net)" ] ||
            echo "$each"
    done | head -n 1)
    sleep 10
    before=$(awk '{ print $1 }' "/proc/$pid/schedstat")
    sleep "$idle_seconds"
    keep idle.cpu "$(awk -v before="$before" -v seconds="$idle_seconds" \
        '{ printf "%.4f", ($1 - before) / seconds / 1e7 }' "/proc/$pid/schedstat")"
    keep idle.rss "$(awk '/^VmRSS/ { printf "%.2f", $2 / 1024 }' "/proc/$pid/status")"
}
readonly idle_seconds=20

print_moves() {
    local mode series
    for mode in "${modes[@]}"; do
        for series in last longest.all gap reconnect; do
            say "$mode: $series: median $(median "$mode.$series") us of $(row "$mode.$series")"
        done
    done
    say "idle: CPU $(row idle.cpu)% of a core, memory $(row idle.rss)MiB"
    line address_last_of_disable_ratio \
        "$(ratio "$(median finalised.last)" "$(median legacy.last)")" x most 0.25
    line address_move_gap "$(milliseconds finalised.gap)" ms most 50
    line address_move_gap_ratio \
        "$(ratio "$(median finalised.gap)" "$(median legacy.gap)")" x most 1
    line address_reconnect "$(milliseconds finalised.reconnect)" ms most 100
    line ipd_idle_rss "$(greatest idle.rss)" MiB most 12
    line ipd_idle_cpu "$(median idle.cpu)" % most 0.1
}
milliseconds() { median "$1" | awk '{ printf "%.1f", $1 / 1000 }'; }
