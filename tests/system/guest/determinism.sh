#!/bin/bash
# usage: determinism.sh BUILD_DIR APPEND [FLAGS...]
# Two runs write the same event record and the same statistics, but for the
# host's time; and a run that is not recorded takes the same cycles.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

without_host_time() {
  grep -vE '^  "(wall_seconds|mips)":' "$scratch/$1.stats" >"$scratch/$1.guest-stats"
}

append=$2
shift 2
forkscope_run first "$append" "$@" --trace "$scratch/first.trace" --stats "$scratch/first.stats"
forkscope_run second "$append" "$@" --trace "$scratch/second.trace" --stats "$scratch/second.stats"
forkscope_run unseen "$append" "$@" --stats "$scratch/unseen.stats"
for run in first second unseen; do
  without_host_time "$run"
done

[ "$(wc -c <"$scratch/first.trace")" -gt 10000 ] || fail "the event record is nearly empty"
cmp "$scratch/first.trace" "$scratch/second.trace" >&2 || fail "the event records differ"
same "the statistics" "$scratch/first.guest-stats" "$scratch/second.guest-stats"
same "the statistics without --trace" "$scratch/first.guest-stats" "$scratch/unseen.guest-stats"
same "the consoles" "$scratch/first.console" "$scratch/second.console"
