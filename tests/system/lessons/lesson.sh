#!/bin/bash
# usage: lesson.sh BUILD LESSON.json APPROVED.json
set -euo pipefail
source "$(dirname "$0")/../guest/common.sh" "$1"
lesson=$2 approved=$3

# run NAME EXPECTED-STATUS FLAGS... : what it prints goes to $scratch/NAME.log.
run() {
  local name=$1 expected=$2 status=0
  shift 2
  timeout 120 "$build/forkscope" run "$lesson" "$@" >"$scratch/$name.log" 2>&1 </dev/null || status=$?
  [ "$status" = "$expected" ] ||
    { tail -n 20 "$scratch/$name.log" >&2; fail "$name ended with status $status, not $expected"; }
}

"$build/forkscope" check "$lesson" >/dev/null || fail "it is no good config"

run solve 0 --solve "$scratch/right.json"
run again 0 --solve "$scratch/again.json"
same "the answers of two runs" "$scratch/right.json" "$scratch/again.json"
same "the approved answers and those of this run" "$approved" "$scratch/right.json"
at_least_lines 5 "$scratch/right.json"

run right 0 --answers "$scratch/right.json"
grep -q ', 100 %;.*: passed' "$scratch/right.log" || fail "the right answers do not get all points"

sed -E 's/: "[^"]*"/: "4242"/' "$scratch/right.json" >"$scratch/wrong.json"
run wrong 1 --answers "$scratch/wrong.json"
grep -q '^Score: 0 of .*: not passed' "$scratch/wrong.log" || fail "wrong answers get points"

# One wrong answer costs its points and no more.
sed -E '2s/: "[^"]*"/: "4242"/' "$scratch/right.json" >"$scratch/nearly.json"
run nearly 0 --answers "$scratch/nearly.json"
[ "$(grep -c 'Not right: 0 of' "$scratch/nearly.log")" = 1 ] || fail "one wrong answer is not one"

echo '{}' >"$scratch/none.json"
run none 1 --answers "$scratch/none.json"
grep -q 'No answer; it is' "$scratch/none.log" || fail "no answer is not told"

# The panels' text has the lesson: its end, and the step that a moment belongs to.
run end 0 --answers "$scratch/right.json" --describe "$scratch/end.txt"
grep -A1 '^12. Lesson' "$scratch/end.txt" | grep -q '(done)' || fail "the text lacks the lesson's end"
run moment 0 --headless --at-cycle 1000 --describe "$scratch/moment.txt"
grep -A1 '^12. Lesson' "$scratch/moment.txt" | grep -q '(step 1 of ' ||
  fail "the text lacks the lesson's first step"
