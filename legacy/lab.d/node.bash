# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# A node's files, its daemons, its health, and the faults of processes. Sourced by ../lab.

# The distribution's paths, and the folder of the node that is bound over each.
readonly bound_folders=(/etc/ctdb:etc /var/lib/ctdb:lib /run/ctdb:run /var/log/ctdb:log
    /etc/samba:samba/etc /var/lib/samba:samba/lib /var/cache/samba:samba/cache
    /run/samba:samba/run /var/log/samba:samba/log)
readonly event_scripts=(00.ctdb 01.reclock 05.system 10.interface)

require_programs() {
    local program missing=()
    for program in ctdbd ctdb tdbtool ip ethtool iptables nsenter unshare flock find; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    [ ${#missing[@]} -eq 0 ] || die "missing: ${missing[*]}; run $here/install-packages"
}

# shellcheck disable=SC2154  # state, subnet, nodes, profile: set by ../lab
make_node_folders() {
    local node=$1 folder=$state/node$1 script other
    mkdir -p "$state/shared" "$folder"/{lib/{persistent,state,volatile},run,log}
    mkdir -p "$folder"/samba/{etc,lib/private,cache,run,log}
    # A copy of the distribution's files, so that a test may change any of them for one node.
    cp -a /etc/ctdb "$folder/etc"
    mkdir -p "$folder/etc/events/legacy"
    rm -f "$folder"/etc/events/legacy/*
    for script in "${event_scripts[@]}"; do
        ln -s "/usr/share/ctdb/events/legacy/$script.script" "$folder/etc/events/legacy/"
    done
    for ((other = 0; other < nodes; other++)); do
        private_address "$other" >>"$folder/etc/nodes"
    done
    for ((other = 0; other < addresses; other++)); do
        echo "$(public_address "$other")/24 eth1"
    done >"$folder/etc/public_addresses"
    {
        printf '[logging]\n\tlocation = file:/var/log/ctdb/log.ctdb\n\tlog level = NOTICE\n'
        printf '[cluster]\n\tcluster lock = %s/shared/cluster-lock\n' "$state"
        [ "$profile" = distribution ] || printf '\tleader timeout = 2\n'
    } >"$folder/etc/ctdb.conf"
    [ "$profile" = distribution ] || write_fast_tunables >"$folder/etc/ctdb.tunables"
}

# Only times: nothing that a daemon does is left out, it does it sooner. Three nodes are healthy,
# their addresses hosted, after 10 s; with the distribution's times after 22 s. The 10 s are: 2 for
# the first election (leader timeout), 3 to 4 that ctdbd waits after its first recovery, 2 until its
# first monitor event, 1 for the takeover run; these have no knob outside of test mode. A leader
# timeout of 1 would be shorter, but that is the interval of the leader's broadcasts; at 2, no
# election happened by mistake during a minute of both cores and the disk overloaded.
write_fast_tunables() {
    cat <<TUNABLES
# A dead node is noticed after 3 to 4 s, not after 25 to 30 s.
KeepaliveInterval=1
KeepaliveLimit=3
# A node waits this long plus 3 s after a recovery before it starts up, and a recovery this
# long for the next (10).
RerecoveryTimeout=0
# A node whose health changed says so within 2 s, not within 15 s.
MonitorInterval=2
TUNABLES
}

in_node() {
    local node=$1
    shift
    nsenter --net="$state/ns/node$node.net" --mount="$state/ns/node$node.mnt" -- "$@"
}

# A process that stays must not hold what the caller of this script waits for the end of.
close_inherited_files() {
    local fd
    for fd in "/proc/$BASHPID/fd"/*; do
        fd=${fd##*/}
        [ "$fd" -le 2 ] || exec {fd}<&-
    done
}

# Started as the distribution's systemd unit does it: its limits, and nothing of the caller's.
start_ctdbd() (
    close_inherited_files
    umask 022
    ulimit -n 1048576 2>/dev/null || true
    local settings=(PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C)
    local file
    for file in "$state/eventd" "$state/node$1/eventd"; do
        [ ! -s "$file" ] || settings+=("CTDB_EVENTD=$(<"$file")")
    done
    in_node "$1" env -i "${settings[@]}" \
        setsid ctdbd </dev/null >>"$state/node$1/log/start" 2>&1 || {
        cat "$state/node$1/log/start" >&2
        exit 1
    }
)

# Prints the pid of the main ctdbd, if it lives. The number in an old pid file may have a new
# owner: only a process of the node counts.
main_pid() {
    local pid file=$state/node$1/run/ctdbd.pid
    [ -s "$file" ] || return 1
    read -r pid <"$file" || true
    pids_in "$state/ns/node$1.net" | grep -x "$pid"
}

# A daemon that is stopped or behind a cut does not answer: every question has an end.
ask() {
    local node=$1
    shift
    timeout 5 nsenter --net="$state/ns/node$node.net" --mount="$state/ns/node$node.mnt" -- \
        ctdb "$@" 2>/dev/null
}

# Healthy is what every node says of every node, with no recovery under way, and every public
# address somewhere. "ctdb status" would say it all, but it waits up to a second for the leader's
# next broadcast; these commands answer at once.
is_healthy() {
    local node answer
    for ((node = 0; node < nodes; node++)); do
        answer=$(ask "$node" nodestatus all) || return 1
        [ "$(grep -c '^pnn:.* OK\( (THIS NODE)\)\?$' <<<"$answer")" = "$nodes" ] || return 1
        answer=$(ask "$node" statistics) || return 1
        grep -q '^ recovering  *0$' <<<"$answer" || return 1
    done
    answer=$(ask 0 ip all) || return 1
    ! grep -q ' -1$' <<<"$answer"
}

wait_until_healthy() {
    local started=$SECONDS shown=0
    until is_healthy; do
        [ $((SECONDS - started)) -lt "$1" ] || return 1
        if [ $((SECONDS - started)) -ge $((shown + 5)) ]; then
            shown=$((SECONDS - started))
            say "$name: waiting, $shown s; node 0: $(describe_ctdbd 0)"
        fi
        sleep 0.2
    done
}

verb_wait() {
    local seconds=${1-90}
    [[ $seconds =~ ^[0-9]+$ ]] || die_usage "wait [SECONDS], not \"$seconds\""
    wait_until_healthy "$seconds" || die "$name: not healthy within $seconds s"
}

# In short: leader and recovery mode, then this node's view of every node. Not from "ctdb status":
# without a leader, as in a part of the cluster that cannot get the cluster lock, it takes 10 s.
describe_ctdbd() {
    local leader mode view answer
    # The exit code of nodestatus is the flags of the nodes.
    answer=$(ask "$1" nodestatus all || true)
    view=$(sed -n 's/^pnn:\([0-9]*\) *[^ ]* *\([A-Z|_]*\).*/\1=\2/p' <<<"$answer" | tr '\n' ' ')
    if [ -z "$view" ]; then
        printf '%-14s %-40s' - 'does not answer'
        return
    fi
    case $(ask "$1" statistics | sed -n 's/^ recovering  *//p') in
        0) mode=NORMAL ;;
        1) mode=RECOVERY ;;
        *) mode=? ;;
    esac
    leader=$(ask "$1" -t 3 -T 3 leader | grep -x '[0-9]*' || echo none)
    printf '%-14s %-40s' "$leader/$mode" "$view"
}

describe_faults() {
    local folder=$state/node$1 file faults=
    for file in "$folder"/cut.*; do
        [ ! -e "$file" ] || faults+="cut:${file##*.node"$1"} "
    done
    [ ! -f "$folder/delay" ] || faults+="delay:$(<"$folder/delay")ms "
    [ ! -s "$folder/paused" ] || faults+="paused:$(tr '\n' ',' <"$folder/paused") "
    main_pid "$1" >/dev/null || faults+="dead "
    echo "${faults:--}"
}

# --- faults of processes ---

# Prints the pids that WHAT names on a node.
select_pids() {
    local node=$1 what=$2 pid file
    case $what in
        main) main_pid "$node" || true ;;
        # The main daemon first: with the recovery daemon stopped alone it would log and act.
        ctdbd) main_pid "$node" || true; pids_named "$node" ctdb_recoverd ;;
        smbd) pids_named "$node" smbd ;;
        # The one is ctdb_recoverd, the other ctdb-eventd.
        recoverd | eventd) pids_of_ctdbd "$node" "ctdb?$what" ;;
        all) pids_in "$state/ns/node$node.net" ;;
        ctdb-*d) pids_of_daemon "$node" "$what" ;;
        *)
            file=$state/node$node/run/$what.pid
            [[ $what != */* ]] && [ -s "$file" ] || die "no $what.pid in $state/node$node/run"
            read -r pid <"$file" || true
            pids_in "$state/ns/node$node.net" | grep -x "$pid" || true
            ;;
    esac
}

pids_named() {
    local pid command
    for pid in $(pids_in "$state/ns/node$1.net"); do
        read -r command 2>/dev/null <"/proc/$pid/comm" || continue
        # shellcheck disable=SC2053  # a pattern
        [[ $command != $2 ]] || echo "$pid"
    done
}

# As above, but only ctdbd and what it has started: daemons beside it have names like these.
pids_of_ctdbd() {
    local pid words
    for pid in $(pids_named "$1" "$2"); do
        mapfile -d '' -t words <"/proc/$pid/cmdline" 2>/dev/null || continue
        case "$(readlink "/proc/$pid/exe") ${words[*]}" in
            /usr/sbin/ctdbd* | /usr/libexec/ctdb/* | *' -P '[0-9]*) echo "$pid" ;;
        esac
    done
}

signal_selected() {
    local signal=$1 node=$2 what=$3
    mapfile -t selected < <(select_pids "$node" "$what" 2>/dev/null)
    [ ${#selected[@]} -gt 0 ] ||
        die "node $node has no such process: $what (nor $what.pid in its run folder)"
    kill -s "$signal" "${selected[@]}"
}

verb_pause() {
    require_node "${1-}"
    signal_selected STOP "$1" "${2-ctdbd}"
    printf '%s\n' "${selected[@]}" >>"$state/node$1/paused"
}

verb_resume() {
    require_node "${1-}"
    local file=$state/node$1/paused pid
    [ -s "$file" ] || die "nothing is paused on node $1"
    pids_in "$state/ns/node$1.net" | grep -xf "$file" | while read -r pid; do
        kill -s CONT "$pid" 2>/dev/null || true
    done || true
    rm -f "$file"
}

# Which event daemon ctdbd starts the next time.
verb_eventd() {
    require_node "${1-}"
    local file=$state/node$1/eventd
    case ${2-} in
        '' | -) rm -f "$file" ;;
        *)
            [ -x "$2" ] || die "not a program: $2"
            realpath "$2" >"$file"
            ;;
    esac
}

verb_kill() {
    require_node "${1-}"
    signal_selected KILL "$1" "${2-main}"
}

verb_start() {
    require_node "${1-}"
    local pid attempt
    if pid=$(main_pid "$1"); then
        die "ctdbd of node $1 runs: $pid"
    fi
    # What a dead ctdbd left of itself ends by itself, or systemd would end it with the unit.
    for ((attempt = 0; attempt < 50; attempt++)); do
        # Not the tool, which may be a recorder that waits for the next ctdbd.
        mapfile -t left < <(pids_of_ctdbd "$1" 'ctdb?*')
        [ ${#left[@]} -gt 0 ] || break
        [ "$attempt" -lt 20 ] || kill -s KILL "${left[@]}" 2>/dev/null || true
        sleep 0.1
    done
    rm -f "$state/node$1/paused"
    start_ctdbd "$1" || die "ctdbd of node $1 did not start"
}
