# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# Namespaces, links, and the faults of links. Sourced by ../lab.
#
#   switch namespace                          node N
#     bridge "private" -- nodeNpriv  <veth>  eth0  10.SUBNET.0.(N+1)
#     bridge "public"  -- nodeNpub   <veth>  eth1  10.SUBNET.1.(N+1), and public addresses .100 up
#
# Of many public addresses, those from the 155th on are 10.SUBNET.2.1 and up.
#
# Both bridges have the address .254: from the switch namespace one looks at the cluster as a
# client does.
#
# A namespace is held by a file below $state/ns that it is bound to, not by a process: it can
# always be entered, and as long as the file is there no other namespace can have its number,
# by which the processes in it are found.

# shellcheck disable=SC2154  # state, subnet, nodes, here: set by ../lab
private_address() { echo "10.$subnet.0.$(($1 + 1))"; }
node_public_side_address() { echo "10.$subnet.1.$(($1 + 1))"; }
public_address() {
    if [ "$1" -lt 154 ]; then
        echo "10.$subnet.1.$(($1 + 100))"
    else
        echo "10.$subnet.2.$(($1 - 153))"
    fi
}

require_namespaces() {
    unshare --net --mount --propagation slave -- true 2>/dev/null || {
        say "no new namespaces are allowed here"
        exit 77
    }
}

in_switch() { nsenter --net="$state/ns/switch.net" -- "$@"; }

make_switch() {
    local bridge third=0 mac
    mkdir "$state/ns"
    # A mount namespace can be bound to a file only where mounts do not spread.
    mount --bind "$state/ns" "$state/ns"
    mount --make-private "$state/ns"
    : >"$state/ns/switch.net"
    unshare --net="$state/ns/switch.net" -- ip link set lo up
    for bridge in private public; do
        # Without an address of its own a bridge takes that of some port, and another with the
        # next port: its neighbours would then send to nobody.
        printf -v mac '02:00:0a:%02x:%02x:fe' "$subnet" "$third"
        in_switch ip link add "$bridge" address "$mac" type bridge \
            stp_state 0 forward_delay 0 mcast_snooping 0
        turn_offload_off in_switch "$bridge"
        in_switch ip address add "10.$subnet.$third.254/24" dev "$bridge"
        in_switch ip link set "$bridge" up
        third=1
    done
    in_switch ip address add "10.$subnet.2.254/24" dev public
}

# The relay moves frames as they are: each must fit a packet socket and carry its own checksum,
# which veth leaves out as long as it believes that a card will fill it in.
turn_offload_off() {
    # shellcheck disable=SC2086  # $1 may be a command with an argument
    $1 ethtool --offload "$2" tx off tso off gso off gro off >/dev/null 2>&1 ||
        die "cannot turn off the offloads of $2"
}

in_node_net() {
    local node=$1
    shift
    nsenter --net="$state/ns/node$node.net" -- "$@"
}

make_node_namespaces() {
    local node=$1 ns=$state/ns/node$1
    : >"$ns.net"
    : >"$ns.mnt"
    # Slave: what the host unmounts later does not live on in here, and nothing goes out.
    # /sys is mounted anew because a sysfs shows the network namespace that it was mounted in.
    # The positions of the arguments: $1 state folder, $2 node folder, then TARGET:FOLDER pairs.
    # shellcheck disable=SC2016
    unshare --net="$ns.net" --mount="$ns.mnt" --propagation slave -- sh -euc '
        umount --lazy "$1/ns"
        mount -t sysfs sysfs /sys
        node=$2
        shift 2
        for pair; do mount --bind "$node/${pair#*:}" "${pair%%:*}"; done
        ip link set lo up
    ' sh "$state" "$state/node$node" "${bound_folders[@]}"

    # The ports take no part in the switch's own networking ("arp off addrgenmode none"): off the
    # bridge, for a relay, they would answer for the bridges' addresses past the relay.
    # iproute2 takes a namespace by path as well as by name, if there is a slash in it.
    in_switch ip -batch - <<BATCH
link add node${node}priv type veth peer name eth0 netns $ns.net
link add node${node}pub type veth peer name eth1 netns $ns.net
link set node${node}priv arp off addrgenmode none master private up
link set node${node}pub arp off addrgenmode none master public up
BATCH
    in_node_net "$node" ip -batch - <<BATCH
address add $(private_address "$node")/24 dev eth0
address add $(node_public_side_address "$node")/24 dev eth1
link set eth0 up
link set eth1 up
BATCH
    # By which a client can tell who answers.
    in_node_net "$node" sysctl -q -w "net.ipv4.ip_default_ttl=$((100 + node))"
    turn_offload_off "in_node_net $node" eth0
    turn_offload_off "in_node_net $node" eth1
}

# Prints the processes in the namespaces that the given files hold.
pids_in() {
    local file tests=()
    for file; do
        # After a restart of the machine the file is there and nothing is bound to it.
        [ "$(stat -Lfc %T "$file" 2>/dev/null)" = nsfs ] || continue
        [ ${#tests[@]} -eq 0 ] || tests+=(-o)
        tests+=(-lname "net:\[$(stat -Lc %i "$file")\]")
    done
    [ ${#tests[@]} -gt 0 ] || return 0
    # Processes come and go while find looks.
    find /proc/[0-9]*/ns/net -maxdepth 0 \( "${tests[@]}" \) 2>/dev/null | cut -d/ -f3 || true
}

# All processes of the laboratory: in its namespaces, whoever started them there.
end_processes() {
    local signal attempt pids
    for signal in TERM KILL; do
        for ((attempt = 0; attempt < 20; attempt++)); do
            mapfile -t pids < <(pids_in "$state"/ns/*.net)
            [ ${#pids[@]} -gt 0 ] || return 0
            # Each time anew, because a dying process may have started another.
            if [ "$signal" = KILL ] || [ "$attempt" = 0 ]; then
                kill -s "$signal" "${pids[@]}" 2>/dev/null || true
                kill -s CONT "${pids[@]}" 2>/dev/null || true
            fi
            sleep 0.1
        done
    done
    say "processes that do not end: ${pids[*]}"
}

remove_namespaces() {
    local file
    for file in "$state"/ns/*.mnt "$state"/ns/*.net; do
        [ -e "$file" ] || continue
        umount "$file" 2>/dev/null || true
        # Removing the file also detaches it from the mount namespaces of other laboratories.
        rm -f "$file"
    done
    umount "$state/ns" 2>/dev/null || true
}

# --- faults of links ---

ports_of() {
    case ${2-} in
        '') echo "node${1}priv node${1}pub" ;;
        private) echo "node${1}priv" ;;
        public) echo "node${1}pub" ;;
        *) die_usage "private or public, not \"$2\"" ;;
    esac
}

# The port of the switch goes down: the node's interface loses its carrier, as with a cable that
# was pulled, and keeps its addresses. Nothing answers, so nothing resets a connection.
verb_cut() {
    require_node "${1-}"
    local port ports
    ports=$(ports_of "$@")
    for port in $ports; do
        in_switch ip link set "$port" down
        : >"$state/node$1/cut.$port"
    done
}

verb_heal() {
    require_node "${1-}"
    local port ports
    ports=$(ports_of "$@")
    for port in $ports; do
        in_switch ip link set "$port" up
        rm -f "$state/node$1/cut.$port"
    done
}

# While a delay is in force:  bridge -- relayB <veth> relayA -- relay -- nodeNpriv <veth> eth0
verb_delay() {
    require_node "${1-}"
    local node=$1 milliseconds=${2-} network port end
    [[ $milliseconds =~ ^[0-9]{1,5}$ ]] ||
        die_usage "delay NODE MILLISECONDS, not \"$milliseconds\""
    milliseconds=$((10#$milliseconds))
    if [ "$milliseconds" -gt 0 ] && [ ! -x "$state/relay" ]; then
        "${CC:-cc}" -O2 -o "$state/relay" "$here/lab.d/relay.c" || die "cannot compile the relay"
    fi
    for network in private public; do
        port=$(ports_of "$node" "$network")
        end=relay${port#node}
        stop_relay "$node" "$network" "$end"
        if [ "$milliseconds" = 0 ]; then
            in_switch ip link set "$port" master "$network"
            continue
        fi
        # Off the bridge first: two ways at once would be a loop.
        in_switch ip link set "$port" nomaster
        in_switch ip -batch - <<BATCH
link add ${end}B type veth peer name ${end}A
link set ${end}A arp off addrgenmode none up
link set ${end}B arp off addrgenmode none master $network up
BATCH
        turn_offload_off in_switch "${end}A"
        turn_offload_off in_switch "${end}B"
        (
            close_inherited_files
            in_switch "$state/relay" "$port" "${end}A" "$milliseconds"
        ) >"$state/node$node/relay.$network"
    done
    if [ "$milliseconds" = 0 ]; then
        rm -f "$state/node$node/delay"
    else
        echo "$milliseconds" >"$state/node$node/delay"
    fi
}

stop_relay() {
    local node=$1 network=$2 end=$3 pid record=$state/node$1/relay.$2
    if [ -f "$record" ]; then
        pid=$(<"$record")
        # Only a process of the switch namespace can be it: the number may have a new owner.
        if [ -n "$pid" ] && pids_in "$state/ns/switch.net" | grep -qx "$pid"; then
            kill -s KILL "$pid" 2>/dev/null || true
        fi
        rm -f "$record"
    fi
    if in_switch ip link show "${end}A" >/dev/null 2>&1; then
        in_switch ip link del "${end}A"
    fi
}
