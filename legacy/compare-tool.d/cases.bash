# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# What is asked of both programs. Sourced by ../compare-tool.
#
# A case is a line: KIND SHELL-TEXT, where @ is the program. The kinds are in ../compare-tool.

# Commands that change nothing, each with the normaliser that it needs.
readonly reads=(
    'exact version' 'exact status' 'digits uptime' 'digits ping' 'exact runstate'
    'exact runstate running' 'exact runstate setup running' 'exact runstate setup'
    'exact getvar KeepaliveLimit' 'exact getvar keepalivelimit' 'exact listvars'
    'digits statistics' 'digits stats' 'digits stats 1' 'exact ip' 'exact ip all'
    'exact ipinfo $public' 'exact ipinfo 192.0.2.77' 'exact ifaces'
    'exact process-exists $$' 'exact process-exists 1 0xCE00000000000000' 'exact getdbmap'
    'exact getdbstatus volatile.tdb' 'exact getdbstatus persistent.tdb'
    'exact getdbstatus replicated.tdb' 'exact getdbstatus readonly.tdb'
    'exact getdbstatus both.tdb'
    'exact getdbstatus sticky.tdb' 'exact getcapabilities' 'exact pnn' 'exact lvs list'
    'exact natgw list' 'exact getdebug' 'exact getpid' 'exact gettickles $public'
    'exact gettickles $public 445' 'exact listnodes' 'exact leader'
    'digits event status legacy monitor'
    'exact event script list legacy' 'digits scriptstatus' 'exact getreclock'
    'exact checktcpport 4379' 'exact nodestatus' 'exact nodestatus all' 'exact nodestatus 0,2'
    'digits dbstatistics volatile.tdb' 'digits dbstatistics persistent.tdb'
    'digits dbstatistics replicated.tdb' 'digits dbstatistics both.tdb'
    'exact catdb persistent.tdb' 'exact catdb volatile.tdb' 'exact catdb replicated.tdb'
    'exact catdb both.tdb' 'exact cattdb volatile.tdb' 'exact cattdb persistent.tdb'
    'exact cattdb replicated.tdb' 'exact cattdb readonly.tdb' 'exact cattdb sticky.tdb'
    'exact getdbseqnum persistent.tdb' 'exact getdbseqnum replicated.tdb'
    'exact pfetch persistent.tdb key' 'exact readkey volatile.tdb key'
)

# Options that each of them is asked with.
readonly option_sets=(
    '' '-Y' '-X' '-v' '-x :' '-Y -x ,' '-X -v' '-n 1' '-X -n 2' '-t 5 -T 60 -d INFO'
    '--timelimit 7 --debug=ERR --node=1 --verbose --separator=\; -Y'
)

# Option texts, wrong calls and bad input: what they print needs a cluster at most to be refused.
oddities() {
    cat <<'CASES'
exact @
exact @ --help
exact @ -?
exact @ --usage
exact @ --help=1
exact @ -Z pnn
exact @ --nothing pnn
exact @ --print-emptyrecords catdb persistent.tdb
exact @ --print-hash cattdb persistent.tdb
exact @ -n
exact @ -n x pnn
exact @ -n '' pnn
exact @ --node= pnn
exact @ -n 99999999999 pnn
exact @ -n 99999999999999999999999 pnn
exact @ -n 0x1 leader
exact @ -n 010 pnn
exact @ -n -1 pnn
exact @ -n=0 pnn
exact @ -n0 pnn
exact @ -n0x pnn
exact @ -n ' 1' getpid
exact @ -n 7 status
exact @ -n -5 status
exact @ -n 1 pnn
exact @ -n 1 version
exact @ -n 1 catdb x
exact @ -YXv pnn
exact @ -Yq pnn
exact @ -Y= pnn
exact @ --verbose=3 pnn
exact @ -v3 pnn
exact @ -x '!#:+' : -Y listnodes
exact @ -x
exact @ -Y -x '' listnodes
exact @ -Y -x '%s%n' listnodes
exact @ -Y -x $'\xff\n' listnodes
exact @ -- pnn
exact @ pnn -- -Y
new @ - pnn
exact @ pnn -Y
new @ '' pnn
exact @ pnn extra
exact POSIXLY_CORRECT=1 @ pnn -Y
exact POSIXLY_CORRECT=1 @ -Y pnn
new @ nosuchcommand
new @ $'no\nsuch\x01\xff'
new @ STATUS
new @ stat
exact @ -t 0 getpid
exact @ -t -1 status
exact @ -t 2147483647 getpid
exact @ -T 0 pnn
exact @ -T -1 pnn
exact @ -d nonsense getpid
exact @ -d 11 getpid
exact @ -d '' getpid
exact @ -d DEBUG getpid
exact CTDB_TIMEOUT=x @ pnn
exact CTDB_TIMEOUT= @ pnn
exact CTDB_TIMEOUT=-1 @ pnn
exact CTDB_TIMEOUT=0 @ pnn
exact CTDB_TIMEOUT=99999999999999999999 @ pnn
exact CTDB_TIMEOUT=30s @ pnn
exact CTDB_TIMEOUT=x @
exact CTDB_EVENT_HELPER=$endings/sleep setsid -w @ -T 1 event
exact CTDB_EVENT_HELPER=$endings/sleep CTDB_TIMEOUT=1 setsid -w @ event
exact CTDB_SOCKET=/nowhere @ status
exact CTDB_SOCKET=/etc/passwd @ status
exact CTDB_SOCKET=/ @ status
exact CTDB_SOCKET=$(printf '/%0200d' 1) @ status
exact CTDB_SOCKET=$(printf '/%0107d' 1) @ status
exact CTDB_SOCKET= @ status
exact $nobody @ status
exact $nobody @ -Y ip all
exact $nobody @ event status legacy monitor
exact $nobody @ attach x.tdb
exact CTDB_BASE=/nowhere @ listnodes
exact CTDB_BASE=/nowhere @ pnn
exact CTDB_BASE=/nowhere CTDB_SOCKET=/nowhere @ pnn
exact CTDB_BASE=/nowhere CTDB_TEST_MODE=1 CTDB_TOOL_SETPGID=1 @ pnn
exact CTDB_BASE=/nowhere CTDB_TEST_MODE=1 CTDB_TOOL_SETPGID=1 @ listnodes
exact CTDB_BASE=$nodesA @ listnodes
exact CTDB_BASE=$nodesA @ -Y listnodes
exact CTDB_BASE=$nodesA CTDB_SOCKET=/nowhere @ status
exact CTDB_BASE=$nodesB @ listnodes
exact CTDB_BASE=$nodesB CTDB_SOCKET=/nowhere @ status
exact CTDB_BASE=$nodesC @ listnodes
exact CTDB_BASE=$nodesC CTDB_SOCKET=/nowhere @ status
exact CTDB_BASE=$nodesA @ reloadnodes
exact CTDB_BASE=$nodesB @ reloadnodes
exact CTDB_BASE=$nodesC @ reloadnodes
exact @ status x
exact @ getvar
exact @ getvar NoSuchTunable
exact @ getvar $'Keep\nalive'
exact @ getvar $'\xff'
exact @ getvar ''
exact @ setvar KeepaliveLimit
exact @ setvar NoSuchTunable 1
exact @ setvar KeepaliveLimit x
exact @ setvar KeepaliveLimit -1
exact @ setvar KeepaliveLimit ''
exact @ setvar KeepaliveLimit 99999999999999999999
exact @ listvars x
new @ statistics x
exact @ statisticsreset x
exact @ stats 1 2
digits @ stats x
digits @ stats -- -1
dump @ stats 99999999999999
new @ ip ALL
exact @ ip all all
exact @ ipinfo
exact @ ipinfo x
exact @ ipinfo ''
exact @ ipinfo 1.2.3
exact @ ipinfo 01.2.3.4
exact @ ipinfo 256.1.1.1
exact @ ipinfo 1.2.3.4:80
exact @ ipinfo ::1
exact @ ipinfo '[::1]'
exact @ ipinfo '[::1'
exact @ ipinfo ::ffff:192.0.2.77
exact @ ipinfo ::ffff:c000:24d
exact @ ipinfo fe80::1%eth0
exact @ ipinfo 1:2:3:4:5:6:7:8:9
exact @ ipinfo $(printf '%064d' 1)::1
exact @ ipinfo $'192.0.2.77\n'
exact @ ifaces x
exact @ setifacelink eth1
exact @ setifacelink eth1 sideways
exact @ setifacelink nosuch up
exact @ setifacelink $'eth\n1' up
exact @ setifacelink averyverylonginterface up
exact @ setifacelink sixteencharacter up
exact @ process-exists
exact @ process-exists x
exact @ process-exists 0
exact @ process-exists -- -1
exact @ process-exists 99999999999
exact @ process-exists 1 x
exact @ process-exists 1 -- -1
exact @ process-exists 1 0
exact @ process-exists 1 2 3
exact @ getdbmap x
exact @ getdbstatus
exact @ getdbstatus nosuch
exact @ getdbstatus 0x1
exact @ getdbstatus 0x
exact @ getdbstatus 0xzz
exact @ getdbstatus 0xffffffffffffffffff
exact @ getdbstatus $(@ -X getdbmap | sed -n 's/^|\(0x[^|]*\)|sticky.*/\1/p')
exact @ getdbstatus $'a\nb\xff'
exact @ dbstatistics
exact @ dbstatistics nosuch
exact @ getcapabilities x
exact @ pnn x
exact @ version x
exact @ recmaster
exact @ -Y ip ALL
exact @ -X nosuchcommand
exact @ lvs
exact @ lvs nothing
exact @ lvs status
exact @ natgw
exact @ natgw leader
exact CTDB_LVS_HELPER=/bin/false @ lvs x
exact CTDB_LVS_HELPER=/nowhere @ lvs x
exact CTDB_LVS_HELPER=/etc @ lvs x
exact CTDB_NATGW_HELPER=/bin/echo @ natgw $'a b\n'
exact CTDB_NATGW_HELPER=$endings/exit @ natgw 70
exact CTDB_NATGW_HELPER=$endings/exit @ natgw 254
exact CTDB_NATGW_HELPER=$endings/exit @ natgw 255
exact CTDB_NATGW_HELPER=$endings/exit @ natgw 63
exact CTDB_NATGW_HELPER=$endings/signal @ natgw TERM
exact CTDB_NATGW_HELPER=$endings/signal @ natgw KILL
exact @ setdebug
exact @ setdebug nonsense
exact @ setdebug 11
exact @ setdebug -- -1
exact @ setdebug ERR NOTICE
exact @ getdebug x
exact @ disable x
exact @ enable x
exact @ enable
exact @ stop x
exact @ continue
exact @ continue x
exact @ ban
exact @ ban 0
exact @ ban x
exact @ ban -- -1
exact @ ban 99999999999999999999
exact @ ban 1 2
exact @ unban
exact @ unban x
exact @ shutdown x
exact @ recover x
exact @ sync x
exact @ ipreallocate x
exact @ gratarp
exact @ gratarp x eth1
exact @ gratarp 192.0.2.77 nosuch
exact @ tickle x
exact @ tickle x y
exact @ tickle 1.2.3.4 5.6.7.8
exact @ tickle 1.2.3.4:80 y
exact @ tickle 1.2.3.4:80 $'\xff'
exact @ tickle 127.0.0.1:80 127.0.0.1:81
exact @ tickle '[::1]:80' ::1:81
exact @ tickle 240.0.0.1:80 127.0.0.1:81
exact @ tickle < <(printf '1.2.3.4:80\n')
exact @ tickle < <(printf '#comment\n\n127.0.0.1:1 127.0.0.1:2\n')
exact @ tickle < <(printf '127.0.0.1:1 [::1]:2\n')
exact @ tickle < <(printf '240.0.0.1:1 127.0.0.1:2\n240.0.0.1:1 127.0.0.1:2\n')
exact @ -n 1 tickle
exact @ gettickles
exact @ gettickles x
exact @ gettickles $public x
exact @ gettickles $public 99999999999999999999
exact @ gettickles 192.0.2.77
exact @ gettickles $public 445 6
exact @ addtickle x
exact @ addtickle x y
exact @ addtickle 1.2.3.4:80 y
exact @ addtickle < <(printf '1.2.3.4:1 192.0.2.77:2\n')
exact @ addtickle < <(printf '1.2.3.4:1')
exact @ addtickle < <(printf '1.2.3.4:1\0')
exact @ addtickle < <(printf '%0200d\n' 1)
exact @ deltickle x y
exact @ deltickle < /dev/null
exact @ deltickle < <(printf 'x y\n')
exact @ listnodes x
exact @ moveip
exact @ moveip x 1
exact @ moveip 192.0.2.77 x
exact @ moveip 192.0.2.77 4294967295
exact @ moveip 192.0.2.77 -- -1
exact @ addip
exact @ addip 192.0.2.77 eth1
exact @ addip 192.0.2.77/x eth1
exact @ addip x/24 eth1
exact @ addip $public/24 eth1
exact @ delip
exact @ delip x
exact @ delip 192.0.2.77
exact @ event
new @ event nonsense
new @ event status
exact @ event status legacy nothing
new @ event script list
exact CTDB_EVENT_HELPER=/nowhere @ event status
exact CTDB_EVENT_HELPER=/nowhere @ scriptstatus
exact CTDB_EVENT_HELPER=/bin/echo @ event a 'b c' -- -d
exact CTDB_EVENT_HELPER=/bin/echo @ scriptstatus init
exact @ scriptstatus a b
exact @ scriptstatus nothing
exact @ getreclock x
exact @ setlmasterrole
exact @ setlmasterrole maybe
exact @ setleaderrole
exact @ setleaderrole maybe
exact @ setdbreadonly
exact @ setdbreadonly nosuch
exact @ setdbreadonly persistent.tdb
exact @ setdbsticky
exact @ setdbsticky nosuch
exact @ setdbsticky replicated.tdb
exact @ checktcpport
exact @ checktcpport x
exact @ checktcpport 1
exact @ checktcpport 70000
exact @ checktcpport -- -1
exact @ -n 0 checktcpport 1
exact @ nodestatus x
exact @ nodestatus ''
exact @ nodestatus ,
exact @ nodestatus 0,0,1
exact @ nodestatus 0,9
exact @ nodestatus 0,-1
exact @ nodestatus 0x1,2
exact @ nodestatus 99999999999999999999
exact @ nodestatus all x
exact @ nodestatus $'0\n'
exact @ attach
exact @ attach x y
exact @ detach
exact @ detach volatile.tdb
exact @ catdb
exact @ catdb nosuch
exact @ cattdb
exact @ cattdb 0xffffffffff
exact @ getdbseqnum
exact @ getdbseqnum nosuch
exact @ getdbseqnum volatile.tdb
exact @ pfetch persistent.tdb
exact @ pfetch persistent.tdb nosuch
exact @ pfetch persistent.tdb 0x0
exact @ pfetch persistent.tdb 0xzz
exact @ pfetch volatile.tdb key
exact @ pfetch replicated.tdb 0x00ff
exact @ pstore volatile.tdb a b
exact @ pstore persistent.tdb a
exact @ pdelete volatile.tdb a
exact @ pdelete
exact @ ptrans
exact @ ptrans volatile.tdb
exact @ ptrans persistent.tdb /nowhere
exact @ readkey
exact @ readkey persistent.tdb key
exact @ readkey volatile.tdb nosuch
exact @ readkey volatile.tdb key readonly
exact @ readkey volatile.tdb key sideways
exact @ readkey readonly.tdb key readonly
exact @ writekey persistent.tdb a b
exact @ writekey volatile.tdb 0x1 b
exact @ deletekey persistent.tdb a
exact @ deletekey
exact @ backupdb
exact @ backupdb nosuch /nowhere
exact @ backupdb persistent.tdb /nowhere/file
exact @ restoredb
exact @ restoredb /nowhere
exact @ restoredb /etc/passwd
exact @ dumpdbbackup
exact @ dumpdbbackup /nowhere
exact @ dumpdbbackup /etc/passwd
exact @ wipedb
exact @ wipedb nosuch
exact @ tfetch
exact @ tfetch /nowhere key
exact @ tfetch /etc/passwd key
exact @ tfetch /var/lib/ctdb/persistent/persistent.tdb.0 key
exact @ tfetch /var/lib/ctdb/persistent/persistent.tdb.0 0x0
exact @ tstore
exact @ tstore /nowhere a b
exact @ reloadips x
exact @ reloadips 9
exact @ reloadips ''
exact @ reloadnodes
dump @ dumpmemory
dump @ rddumpmemory
CASES
}

# What fails after it was tried several times.
failures() {
    cat <<'CASES'
slow @ -t 1 moveip 192.0.2.77 1
slow @ addip 192.0.2.77/24 nosuch
CASES
}

# What shows the state of nodes, from any of them.
states() {
    local node
    cat <<'CASES'
exact @ status
exact @ -Y status
exact @ -X -v status
exact @ nodestatus
exact @ nodestatus all
exact @ -X nodestatus all
exact @ nodestatus 0,1
exact @ leader
exact @ ip
exact @ ip all
exact @ -X -v ip all
exact @ -v ip all
exact @ runstate
exact @ getcapabilities
exact @ getdbmap
exact @ getreclock
exact @ getdbstatus volatile.tdb
exact @ -n 0 continue
exact @ -n 0 enable
exact @ -n 0 unban
exact @ reloadnodes
CASES
    for node in 0 1 2; do
        cat <<CASES
exact @ -n $node status
exact @ -Y -n $node status
exact @ -n $node nodestatus
exact @ -n $node ip
exact @ -n $node -v ip
exact @ -n $node ifaces
exact @ -n $node runstate
exact @ -n $node getpid
exact @ -n $node listvars
exact @ -n $node getvar KeepaliveLimit
exact @ -n $node getdbmap
digits @ -n $node uptime
digits @ -n $node ping
exact @ -n $node getcapabilities
exact @ -n $node getdbstatus persistent.tdb
exact @ -n $node leader
exact @ -n $node process-exists 1
exact @ -n $node pnn
exact @ -n $node ipinfo \$public
CASES
    done
}
