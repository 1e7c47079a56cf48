# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
#
# Series of values, and the lines that come of them. Sourced by benches, which set $scratch.

# Values of a series are kept in a file of its own.
# shellcheck disable=SC2154
keep() { echo "$2" >>"$scratch/series.$1"; }
median() {
    sort -g "$scratch/series.$1" |
        awk '{ v[NR] = $1 }
            END { print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'
}
greatest() { sort -g "$scratch/series.$1" | tail -n 1; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }'; }
# shellcheck disable=SC2005  # a series in one row
row() { echo "$(tr '\n' ' ' <"$scratch/series.$1")"; }

is_short=no
# line NAME VALUE UNIT MOST|LEAST BOUND
line() {
    local verdict=ok relation='<='
    [ "$4" = most ] || relation='>='
    awk -v v="$2" -v b="$5" -v most="$4" \
        'BEGIN { exit !(most == "most" ? v <= b : v >= b) }' || verdict=short
    [ "$verdict" = ok ] || is_short=yes
    printf '%-34s %10s %-6s bar %s %-6s %s\n' "$1" "$2" "$3" "$relation" "$5" "$verdict"
}
