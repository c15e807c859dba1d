#!/bin/bash
# usage: determinism.sh BUILD_DIR APPEND [FLAGS...]
# Two runs write the same event record, account and statistics, but for the host's
# time; a run that is not recorded and one that is not even counted are the same
# to the cycle.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

without_host_time() {
  grep -vE '^  "(wall_seconds|mips)":' "$scratch/$1.stats" >"$scratch/$1.guest-stats"
}

append=$2
shift 2
forkscope_run first "$append" "$@" --trace "$scratch/first.trace" --stats "$scratch/first.stats" \
  --describe "$scratch/first.account"
forkscope_run second "$append" "$@" --trace "$scratch/second.trace" --stats "$scratch/second.stats"
forkscope_run unseen "$append" "$@" --stats "$scratch/unseen.stats"
forkscope_run told "$append" "$@" --describe "$scratch/told.account"
for run in first second unseen; do
  without_host_time "$run"
done

[ "$(wc -c <"$scratch/first.trace")" -gt 10000 ] || fail "the event record is nearly empty"
cmp "$scratch/first.trace" "$scratch/second.trace" >&2 || fail "the event records differ"
same "the statistics" "$scratch/first.guest-stats" "$scratch/second.guest-stats"
same "the statistics without --trace" "$scratch/first.guest-stats" "$scratch/unseen.guest-stats"
# All but the sentence that says where the rest is told.
for run in first told; do
  sed '/What is not told here/{N;s/What is not told here.*//;}' \
    "$scratch/$run.account" >"$scratch/$run.story"
done
same "the account without --trace and --stats" "$scratch/first.story" "$scratch/told.story"
same "the consoles" "$scratch/first.console" "$scratch/told.console"
same "the consoles" "$scratch/first.console" "$scratch/second.console"
