#!/bin/bash
# usage: row-leakcheck.sh BUILD_DIR PROGRAM ROW
# The program checks the row with leak checks of its own, while the kernel has one
# from before the program to its end: neither disturbs the other.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/common.sh"

forkscope_run row leakcheck --max-cycles 20000000000 --program "$build/guest/tests/$2" -- "$3"
grep -aqE "^ok $3 - " "$scratch/row.console" || fail "the program says nothing of $3"
grep -aE "^leak check: " "$scratch/row.console" | tr -d "\r" >"$scratch/leaks"
[ "$(cat "$scratch/leaks")" = "leak check: nothing is left" ] || fail "$(cat "$scratch/leaks")"
