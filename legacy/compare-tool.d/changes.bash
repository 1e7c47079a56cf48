# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# What changes the cluster, and what it is like afterwards, as the installed tool sees it. Sourced
# by ../compare-tool.

# A change by the program, on a node; then a look at what it ought to have changed.
change() {
    local node=$1 text=$2 look=$3
    echo "== $text"
    on "$node" bash -c "${text//@/\"$tool\"}" </dev/null 2>&1 && echo "code 0" || echo "code $?"
    on 0 bash -c "$look" 2>&1 || true
}

changes() {
    local tool=$1 side=$2 spare attempt
    spare=${public%.*}.77
    {
        change 0 '@ -n 1 disable' 'ctdb -X nodestatus all; ctdb ip all | grep -c " 1$"'
        change 0 '@ -n 1 disable' 'ctdb -X nodestatus all'
        change 0 '@ -n 1 enable' 'ctdb -X nodestatus all'
        change 0 '@ -n 2 stop' 'ctdb -X nodestatus all; ctdb ip all | grep -c " 2$"'
        change 0 '@ -n 2 stop' 'ctdb -X nodestatus all'
        change 0 '@ -n 2 continue' 'ctdb -X nodestatus all'
        change 1 '@ ban 30' 'ctdb -X nodestatus all'
        change 1 '@ ban 30' 'ctdb -X nodestatus all'
        change 1 '@ unban' 'ctdb -X nodestatus all'
        change 0 '@ setvar KeepaliveLimit 0x7' 'ctdb getvar KeepaliveLimit'
        change 0 '@ -n 1 setvar keepalivelimit 8x' 'ctdb -n 1 getvar KeepaliveLimit'
        change 0 '@ setvar KeepaliveLimit 3; @ -n 1 setvar KeepaliveLimit 3' 'ctdb listvars'
        change 0 '@ setdebug info' 'ctdb getdebug'
        change 0 '@ setdebug 2' 'ctdb getdebug'
        change 0 '@ -n 1 setdebug W' 'ctdb -n 1 getdebug'
        change 0 '@ setdebug NOTICE; @ -n 1 setdebug NOTICE' 'ctdb getdebug'
        change 0 '@ setlmasterrole off' 'ctdb getcapabilities'
        change 0 '@ setlmasterrole on' 'ctdb getcapabilities'
        change 0 '@ -n 1 setleaderrole off' 'ctdb -n 1 getcapabilities'
        change 0 '@ -n 1 setleaderrole on' 'ctdb -n 1 getcapabilities'
        change 0 '@ statisticsreset' 'ctdb -X statistics | sed 1d | cut -d"|" -f7'
        # A hosted address goes with the next takeover run.
        # shellcheck disable=SC2034
        for attempt in 1 2; do
            change 0 "@ addip $spare/24 eth1" "ctdb ipreallocate; ctdb ip | cut -d' ' -f1"
        done
        for attempt in 1 2; do
            change 0 "@ delip $spare" "ctdb ipreallocate; ctdb ip | cut -d' ' -f1"
        done
        change 0 "@ -t 1 moveip $public 1" "ctdb -X ip | grep '|$public|'"
        change 0 "@ -t 1 moveip $public 2" "ctdb -X ip | grep '|$public|'"
        change 2 "@ addtickle 192.0.2.1:7 $public:445" "ctdb -n 2 gettickles $public | sort"
        change 2 "printf '192.0.2.2:8 $public:445\n192.0.2.3:9 $public:445\nx' | @ addtickle" \
            "ctdb -n 2 gettickles $public | sort"
        change 2 "@ deltickle 192.0.2.1:7 $public:445" "ctdb -n 2 gettickles $public | sort"
        change 2 "printf '192.0.2.2:8 $public:445\n192.0.2.3:9 $public:445\n' | @ deltickle" \
            "ctdb -n 2 gettickles $public | sort"
        change 0 "@ gratarp $public eth1" 'true'
        change 0 '@ recover' 'ctdb -X nodestatus all'
        change 0 '@ ipreallocate' 'ctdb ip all | cut -d" " -f1'
        change 0 '@ reloadips' 'ctdb ip all | cut -d" " -f1'
        change 0 '@ reloadips all' 'ctdb ip all | cut -d" " -f1'
        change 0 '@ setifacelink eth1 down; @ -X nodestatus' 'true'
        change 0 '@ setifacelink eth1 up' 'ctdb ifaces | cut -d" " -f1,2'
        change 0 'ctdb attach more.tdb; @ setdbsticky more.tdb; @ setdbreadonly more.tdb' \
            'ctdb getdbstatus more.tdb | grep : | grep -v path'
        change 0 '@ writekey more.tdb a 0x6263; @ readkey more.tdb a; @ deletekey more.tdb a' \
            'ctdb readkey more.tdb a'
        change 0 '@ pstore persistent.tdb a 0x62; @ pfetch persistent.tdb a' \
            'ctdb pfetch persistent.tdb a'
        change 0 "printf '\"c\" \"d\"\nnonsense\n' | @ ptrans persistent.tdb" \
            'ctdb pfetch persistent.tdb c'
        change 0 '@ pdelete persistent.tdb a; @ pdelete persistent.tdb c' \
            'ctdb pfetch persistent.tdb a; ctdb catdb persistent.tdb | tail -1'
        # The sequence number goes on from one program to the other.
        change 0 "@ backupdb persistent.tdb $work/backup" \
            "ctdb dumpdbbackup $work/backup | grep -v '^rsn\|^data(8)'"
        change 0 '@ wipedb persistent.tdb' 'ctdb catdb persistent.tdb'
        change 0 "@ restoredb $work/backup" "ctdb catdb persistent.tdb | grep -v '^rsn\|^data(8)'"
        change 0 '@ attach other.tdb; @ attach other.tdb persistent' 'ctdb getdbstatus other.tdb'
    } | sed -E 's,@ 20[0-9/: ]+,@ TIME,' >"$work/changes.$side"
}

# Shows where the two went apart.
compare_changes() {
    local count
    count=$(grep -c '^==' "$work/changes.a")
    grep '^==' "$work/changes.a" >>"$work/asked"
    # Which of equal nodes gets an address is the leader's choice from what went before.
    if ! diff -u --label ctdb --label native "$work/changes.a" "$work/changes.b"; then
        echo changes >>"$work/different"
    fi
    echo "changes: $count cases, $SECONDS s"
}
