# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# What both programs do, one step after the other. Sourced by ../compare-records.
#
# A step is a line: NODE SHELL-TEXT, where @ is the program, and $f a folder for files.

# Databases of all kinds, empty.
make_databases() {
    local name kind
    for name in pers:persistent repl:replicated vol: ro:readonly sticky:sticky; do
        kind=${name#*:}
        # shellcheck disable=SC2086
        on 0 ctdb attach "records-${name%:*}.tdb" $kind
        on 0 ctdb wipedb "records-${name%:*}.tdb" >/dev/null
    done
    on 0 ctdb setdbsticky records-sticky.tdb
    on 0 ctdb setdbreadonly records-ro.tdb
}

# Files that steps read.
make_files() {
    local folder=$1
    {
        printf '"one" "1"\n\n  "two"\t"zwei"\nno quotes\n"open\n"three" open\n"" "nothing"\n'
        printf '"0x6b6b" "0x00ff10"\n"0x6" "odd"\n"0xzz" "bad"\n"0x" "empty"\n'
        printf '"empty" ""\n"v" "0x1"\n"" nonsense\n"0x" nonsense\n"a" "b" trailing words\n'
        printf '"gone" "x"\n"gone" ""\n"last" "without newline"'
    } >"$folder/lines"
    printf '"long" "%02000d"\n"after" "long"\n' 7 >"$folder/long"
    printf '"nul" "a\0b"\n"next" "line"\n' >"$folder/nul"
    : >"$folder/empty"
    printf '\4\0\0\0\0\0\0\0%0120d' 0 >"$folder/version4"
    head -c 4096 /dev/zero >"$folder/zeros"
    tdbtool >/dev/null <<COMMANDS
create $folder/plain.tdb
insert short xyz
insert header 0123456701234567012345670
quit
COMMANDS
}

steps() {
    cat <<'STEPS'
0 @ attach
0 @ attach a b c
0 @ attach records-vol.tdb nonsense
0 @ attach records-vol.tdb
0 @ attach records-vol.tdb persistent
0 @ attach records-pers.tdb
0 @ attach records-ro.tdb readonly
0 @ attach records-sticky.tdb sticky
0 @ attach records-new.tdb persistent; ctdb getdbstatus records-new.tdb
1 @ -n 0 attach records-vol.tdb
0 @ detach
0 @ detach records-vol.tdb
0 @ detach nosuch.tdb
0 @ getdbseqnum
0 @ getdbseqnum nosuch.tdb
0 @ getdbseqnum 0x12
0 @ getdbseqnum 0xzz
0 @ getdbseqnum records-pers.tdb
0 @ getdbseqnum records-vol.tdb
0 @ pfetch
0 @ pfetch records-pers.tdb
0 @ pfetch nosuch.tdb key
0 @ pfetch records-vol.tdb key
0 @ pfetch records-pers.tdb key
0 @ pfetch records-pers.tdb ''
0 @ pfetch records-pers.tdb 0x
0 @ pfetch records-pers.tdb 0x1
0 @ pfetch records-pers.tdb 0xgg
0 @ pfetch records-pers.tdb 0x12g4
0 @ pstore records-pers.tdb key
0 @ pstore records-vol.tdb key value
0 @ pstore records-pers.tdb key value
0 @ pstore records-pers.tdb key value
0 @ pfetch records-pers.tdb key
1 @ pfetch records-pers.tdb key
1 @ pstore records-pers.tdb key other
1 @ pstore records-pers.tdb 0x00ff '0x001122'
1 @ pfetch records-pers.tdb 0x00ff
1 @ pstore records-pers.tdb quote 'a"b\c'
1 @ pstore records-pers.tdb high $'\xff\xfe\n\t'
1 @ pfetch records-pers.tdb high
1 @ pstore records-pers.tdb nothing ''
1 @ pstore records-pers.tdb odd 0x123
1 @ pstore records-pers.tdb bad 0xq1
1 @ pstore records-pers.tdb '' emptykey
1 @ pfetch records-pers.tdb ''
1 @ getdbseqnum records-pers.tdb
2 @ cattdb records-pers.tdb
2 @ pdelete records-pers.tdb
2 @ pdelete records-vol.tdb key
2 @ pdelete records-pers.tdb nosuchkey
2 @ pdelete records-pers.tdb key
2 @ pdelete records-pers.tdb 0x0
2 @ pfetch records-pers.tdb key
2 @ getdbseqnum records-pers.tdb
0 @ cattdb records-pers.tdb
0 @ catdb records-pers.tdb
0 @ cattdb
0 @ catdb
0 @ catdb a b
0 @ catdb nosuch.tdb
0 @ cattdb nosuch.tdb
0 @ catdb $(ctdb getdbmap | sed -n 's/dbid:\([^ ]*\) name:records-pers.*/\1/p')
0 @ cattdb $(ctdb getdbmap | sed -n 's/dbid:\([^ ]*\) name:records-pers.*/\1/p')
1 @ -n 0 catdb records-pers.tdb
0 @ pstore records-repl.tdb key value
1 @ pfetch records-repl.tdb key
0 @ cattdb records-repl.tdb
0 @ ptrans
0 @ ptrans a b c
0 @ ptrans nosuch.tdb
0 @ ptrans records-vol.tdb
0 @ ptrans records-pers.tdb $f/nosuch
0 @ ptrans records-pers.tdb $f
0 @ ptrans records-pers.tdb $f/empty
0 @ ptrans records-pers.tdb
0 @ ptrans records-pers.tdb $f/lines
0 @ getdbseqnum records-pers.tdb
0 @ cattdb records-pers.tdb
0 @ ptrans records-pers.tdb <$f/long
0 @ ptrans records-pers.tdb <$f/nul
0 printf '"piped" "yes"\n' | @ ptrans records-pers.tdb
0 @ cattdb records-pers.tdb
1 @ cattdb records-pers.tdb
0 @ readkey
0 @ readkey records-vol.tdb
0 @ readkey records-vol.tdb key nonsense
0 @ readkey nosuch.tdb key
0 @ readkey records-pers.tdb key
0 @ readkey records-vol.tdb key
1 @ readkey records-vol.tdb key
0 @ readkey records-vol.tdb 0x
0 @ readkey records-vol.tdb 0x1
0 @ writekey records-vol.tdb key
0 @ writekey records-pers.tdb key value
0 @ writekey records-vol.tdb key value
0 @ writekey records-vol.tdb key value
0 @ readkey records-vol.tdb key
1 @ writekey records-vol.tdb key other
1 @ cattdb records-vol.tdb
0 @ cattdb records-vol.tdb
0 @ catdb records-vol.tdb
2 @ readkey records-vol.tdb key
2 @ writekey records-vol.tdb 0x0001 0x00ff
2 @ readkey records-vol.tdb 0x0001
2 @ writekey records-vol.tdb odd 0x1
2 @ writekey records-vol.tdb empty ''
2 @ readkey records-vol.tdb empty
2 @ cattdb records-vol.tdb
0 @ catdb records-vol.tdb
1 @ -n 2 catdb records-vol.tdb
0 @ deletekey
0 @ deletekey records-pers.tdb key
0 @ deletekey records-vol.tdb key
0 @ deletekey records-vol.tdb nosuchkey
0 @ deletekey records-vol.tdb 0x1
0 @ catdb records-vol.tdb
0 @ writekey records-ro.tdb key value
1 @ readkey records-ro.tdb key readonly
2 @ readkey records-ro.tdb key readonly
1 @ cattdb records-ro.tdb
0 @ cattdb records-ro.tdb
1 @ readkey records-ro.tdb key
0 @ writekey records-ro.tdb key value2
1 @ readkey records-ro.tdb key readonly
0 @ writekey records-sticky.tdb key value
1 @ readkey records-sticky.tdb key
1 @ cattdb records-sticky.tdb
0 @ backupdb
0 @ backupdb nosuch.tdb $f/b
0 @ backupdb records-pers.tdb $f/none/b
0 @ backupdb records-pers.tdb $f
0 @ backupdb records-pers.tdb $f/pers.backup
0 @ dumpdbbackup $f/pers.backup | sed 's/backup .*/backup/'
0 ctdb dumpdbbackup $f/pers.backup | sed 's/backup .*/backup/'
0 @ dumpdbbackup $f/pers.backup >$f/d1; ctdb dumpdbbackup $f/pers.backup | cmp - $f/d1
0 stat -c %a $f/pers.backup; stat -c %s $f/pers.backup
0 @ wipedb
0 @ wipedb nosuch.tdb
0 @ wipedb records-pers.tdb
0 @ cattdb records-pers.tdb
1 @ cattdb records-pers.tdb
0 @ restoredb
0 @ restoredb $f/nosuch
0 @ restoredb $f
0 @ restoredb $f/version4
0 @ restoredb $f/zeros
0 @ dumpdbbackup
0 @ dumpdbbackup a b
0 @ dumpdbbackup $f/nosuch
0 @ dumpdbbackup $f
0 @ dumpdbbackup $f/version4
0 @ -n 0 dumpdbbackup $f/pers.backup
0 head -c 150 $f/pers.backup >$f/cut; @ dumpdbbackup $f/cut 2>&1 | sed 's/backup .*/backup/'
0 head -c 150 $f/pers.backup >$f/cut; ! @ dumpdbbackup $f/cut >/dev/null
0 head -c 104 $f/pers.backup >$f/cut; ! @ dumpdbbackup $f/cut >/dev/null
0 @ restoredb $f/pers.backup | sed 's/backup .*/backup/'
0 ctdb cattdb records-pers.tdb
2 ctdb cattdb records-pers.tdb
2 ctdb getdbseqnum records-pers.tdb
0 @ restoredb $f/pers.backup records-other.tdb | sed 's/backup .*/backup/'
2 ctdb cattdb records-other.tdb; ctdb getdbstatus records-other.tdb
2 ctdb wipedb records-other.tdb
0 ctdb wipedb records-vol.tdb; ctdb writekey records-vol.tdb back up
0 @ backupdb records-vol.tdb $f/vol.backup
0 @ wipedb records-vol.tdb; @ catdb records-vol.tdb
0 @ restoredb $f/vol.backup | sed 's/backup .*/backup/'
0 @ catdb records-vol.tdb
1 @ cattdb records-vol.tdb
0 @ wipedb records-repl.tdb; @ wipedb records-ro.tdb; @ wipedb records-sticky.tdb
0 @ tfetch
0 @ tfetch $f/plain.tdb
0 @ tfetch $f/nosuch.tdb key
0 @ tfetch $f/zeros key
0 @ tfetch $f/plain.tdb nosuchkey
0 @ tfetch $f/plain.tdb short
0 @ tfetch $f/plain.tdb header
0 @ tfetch $f/plain.tdb 0x1
0 @ tfetch $f/plain.tdb header $f/out; cat $f/out
0 @ tfetch $f/plain.tdb header $f/none/out
0 @ tstore
0 @ tstore $f/plain.tdb a b c d e
0 @ tstore $f/nosuch.tdb key value
0 @ tstore $f/plain.tdb key value; @ tfetch $f/plain.tdb key
0 @ tstore $f/plain.tdb key value 7; @ tfetch $f/plain.tdb key
0 @ tstore $f/plain.tdb key value 0x10 3; @ tfetch $f/plain.tdb key
0 @ tstore $f/plain.tdb key 0x0001 -7; @ tfetch $f/plain.tdb key
0 @ tstore $f/plain.tdb key value 99999999999999999999999
0 @ tstore $f/plain.tdb key value 1x -2; @ tfetch $f/plain.tdb key
0 @ tstore $f/plain.tdb key value x
0 @ tstore $f/plain.tdb 0x6 value
0 @ tstore $f/plain.tdb key 0xq1
0 @ tfetch /var/lib/ctdb/persistent/records-pers.tdb.0 key
0 @ tfetch /var/lib/ctdb/persistent/records-pers.tdb.0 two
0 @ tfetch /var/lib/ctdb/volatile/records-vol.tdb.0 key
0 for n in 0 1 2; do ctdb -n $n setvar AllowClientDBAttach 0; done
0 @ attach records-vol.tdb
0 @ catdb records-vol.tdb
0 @ pstore records-pers.tdb key value
0 @ detach records-pers.tdb
0 @ detach nosuch.tdb records-sticky.tdb records-new.tdb
0 ctdb getdbmap | grep -c records-sticky
0 for n in 0 1 2; do ctdb -n $n setvar AllowClientDBAttach 1; done
0 ctdb wipedb records-new.tdb
STEPS
}
