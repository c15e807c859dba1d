#!/bin/bash
# usage: row-record.sh BUILD_DIR PROGRAM ROW
# The program checks the row, and the event record of the run is held against it:
# what the machine saw (faults, descriptors) and what the kernel said (its probes)
# must agree, and must be what the row says. check_record.awk has the checks.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/common.sh"

forkscope_run row "" --max-cycles 20000000000 --program "$build/guest/tests/$2" \
  --trace "$scratch/trace" --stats "$scratch/stats" -- "$3"
grep -aqE "^ok $3 - " "$scratch/row.console" || fail "the program says nothing of $3"
# A 64-byte header, then 64-byte events: cycle, kind and process, six arguments.
od -An -v -t u8 -w64 -j 64 "$scratch/trace" |
  awk -v row="$3" -f "$(dirname "${BASH_SOURCE[0]}")/check_record.awk" || fail "the record of row $3"
start=$(sed -n 's/.*"frames_free_at_boot": \([0-9]*\).*/\1/p' "$scratch/stats")
end=$(sed -n 's/.*"frames_free_at_end": \([0-9]*\).*/\1/p' "$scratch/stats")
[ -n "$start" ] && [ "$start" = "$end" ] || fail "$start frames free at boot, $end at the end"
