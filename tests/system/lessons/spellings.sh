#!/bin/bash
# usage: spellings.sh BUILD SOURCE
set -euo pipefail
source "$(dirname "$0")/../guest/common.sh" "$1"
lesson=$2/configs/lessons/fork-cow.json

cat >"$scratch/answers.json" <<'END'
{ "sharers-before": 1, "ap-before": "0x1", "tree": " 1 ( 5( 6 ) ) ", "sharers-after-fork": "0b10",
  "ap-parent": "0B11", "read": "YES", "write-fault": "Permission.", "parent-kept": true,
  "copies": "1", "child-writable": "y", "parent-writable": false }
END
timeout 120 "$build/forkscope" run "$lesson" --answers "$scratch/answers.json" \
  >"$scratch/log" 2>&1 </dev/null || { cat "$scratch/log" >&2; fail "they are not right"; }
grep -q ', 100 %;' "$scratch/log" || { cat "$scratch/log" >&2; fail "not all are right"; }

# The same on a terminal's lines: hints cost points, nonsense is asked again.
printf '%s\n' '?' 1 nonsense 1 '1(5(6))' 2 3 yes permission yes 1 yes no |
  timeout 120 "$build/forkscope" run "$lesson" >"$scratch/typed" 2>&1 ||
  { cat "$scratch/typed" >&2; fail "typed answers are not right"; }
grep -q 'hint: Nobody has forked' "$scratch/typed" || fail "no hint was given"
grep -q 'Expected a number' "$scratch/typed" || fail "nonsense was taken for an answer"
grep -q 'Right: 1. 1 of 2 points' "$scratch/typed" || fail "the hint cost nothing"
grep -q '^Score: .*: passed' "$scratch/typed" || fail "no score was given"
