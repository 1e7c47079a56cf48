# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# Clustered smbd on the nodes, as users of ctdbd. Sourced by ../lab.
#
# The shares are one folder for all nodes, so that a file is the same file everywhere and its record
# in locking.tdb moves between them. Nothing starts, stops or watches smbd but the verb "samba": a
# test of service scripts puts its own into a node's events/legacy.

# One account, in a database that the cluster replicates, for sessions that are not a guest's.
readonly samba_account=root samba_password=tablecloth

require_samba() {
    local program missing=()
    for program in smbd smbpasswd smbclient; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    [ ${#missing[@]} -eq 0 ] || die "missing: ${missing[*]}; run $here/install-packages"
}

# shellcheck disable=SC2154  # state, nodes, name: set by ../lab
write_samba_configuration() {
    cat <<CONFIGURATION
[global]
	clustering = yes
	ctdbd socket = /run/ctdb/ctdbd.socket
	netbios name = TABLECLOTH
	workgroup = LABORATORY
	server role = standalone server
	passdb backend = tdbsam
	map to guest = bad user
	disable netbios = yes
	smb ports = 445
	load printers = no
	printcap name = /dev/null
	disable spoolss = yes
	log file = /var/log/samba/log.smbd
	max log size = 0

[share]
	comment = one folder for all nodes
	path = $state/shared/smb
	read only = no
	guest ok = yes
	force user = root
CONFIGURATION
}

# Prints the main smbd, if it lives.
smbd_pid() {
    local pid file=$state/node$1/samba/run/smbd.pid
    [ -s "$file" ] || return 1
    read -r pid <"$file" || true
    pids_named "$1" smbd | grep -x "$pid"
}

# setsid, because smbd signals its whole process group when it ends.
start_smbd() (
    close_inherited_files
    umask 022
    in_node "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C \
        setsid smbd --daemon </dev/null >>"$state/node$1/samba/log/start" 2>&1 || {
        cat "$state/node$1/samba/log/start" >&2
        exit 1
    }
)

# A session that lists the share: all of smbd's databases are attached by then.
answers_smb() {
    timeout 10 nsenter --net="$state/ns/node$1.net" --mount="$state/ns/node$1.mnt" -- \
        smbclient //127.0.0.1/share --no-pass --command=ls >/dev/null 2>&1
}

start_samba() {
    local node started=$SECONDS
    require_samba
    mkdir -p "$state/shared/smb"
    for node; do
        write_samba_configuration >"$state/node$node/samba/etc/smb.conf"
        if smbd_pid "$node" >/dev/null; then continue; fi
        start_smbd "$node" || die "smbd of node $node did not start"
    done
    for node; do
        until answers_smb "$node"; do
            [ $((SECONDS - started)) -lt 90 ] || {
                tail -n 15 "$state/node$node/samba/log/log.smbd" >&2 || true
                die "smbd of node $node does not answer"
            }
            sleep 0.2
        done
    done
    printf '%s\n' "$samba_password" "$samba_password" |
        in_node "$1" smbpasswd -s -a "$samba_account" >/dev/null || die "smbpasswd failed"
    say "$name: smbd on nodes $* after $((SECONDS - started)) s"
}

stop_samba() {
    local node attempt pids
    for node; do
        mapfile -t pids < <(smbd_pid "$node" || true)
        [ ${#pids[@]} -eq 0 ] || kill -s TERM "${pids[@]}" 2>/dev/null || true
        # Its children end with it; those that hang are not waited for.
        for ((attempt = 0; attempt < 100; attempt++)); do
            mapfile -t pids < <(pids_named "$node" '@(smbd*|samba-dcerpcd|rpcd_*)')
            [ ${#pids[@]} -gt 0 ] || break
            [ "$attempt" -lt 50 ] || kill -s KILL "${pids[@]}" 2>/dev/null || true
            sleep 0.1
        done
    done
}

verb_samba() {
    local verb=${1-} node chosen=()
    [ $# -gt 0 ] && shift
    for node; do
        require_node "$node"
        chosen+=("$node")
    done
    if [ ${#chosen[@]} -eq 0 ]; then
        for ((node = 0; node < nodes; node++)); do chosen+=("$node"); done
    fi
    case $verb in
        start) start_samba "${chosen[@]}" ;;
        stop) stop_samba "${chosen[@]}" ;;
        *) die_usage "samba start|stop [NODE...]" ;;
    esac
}
