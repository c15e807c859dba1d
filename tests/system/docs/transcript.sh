#!/bin/bash
# Usage: transcript.sh FORKSCOPE SOURCE
# Fails unless the README shows what a run prints today: each line of its transcript
# comes in the run's output, in that order, and between two lines only what the
# README leaves out ("[...]") and empty lines. The cycle that the pictures' commands name must show a
# copied frame.
set -euo pipefail
forkscope=$1
source=$2
# Another compiler makes another kernel, with other cycles: the README's is Debian 12's.
[[ "$(aarch64-linux-gnu-g++ -dumpversion)" == 12* ]] || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$forkscope" run --headless </dev/null | tr -d '\r' >"$work/printed"
sed -n '/^\$ \.\/run\.sh$/,/^```$/p' "$source/README.md" | sed '1d;$d' >"$work/shown"
[ "$(wc -l <"$work/shown")" -gt 20 ] || { echo "README.md: no transcript found"; exit 1; }

awk -v printed="$work/printed" '
  function trimmed(line) { gsub(/^[ \t]+|[ \t]+$/, "", line); return line }
  {
    if (trimmed($0) == "[...]") { skips = 1; next }
    if ($0 == "") next
    while ((getline line < printed) > 0) {
      if (line == "") continue
      if (line == $0) { skips = 0; found = 1; break }
      if (!skips) break
    }
    if (!found) { print "README.md: a run does not print this here: " $0; bad = 1; exit }
    found = 0
  }
  END { exit bad }' "$work/shown"

for document in README.md docs/panel.md; do
  cycle=$(sed -n 's/.*--screenshot .*--at-cycle \([0-9]*\).*/\1/p' "$source/$document")
  "$forkscope" run --headless --describe "$work/panels" --at-cycle "$cycle" </dev/null >/dev/null
  sed -n '/^The panels/,$p' "$work/panels" | grep ' copied: frame ' >/dev/null ||
    { echo "$document: --at-cycle $cycle does not show a frame that is copied"; exit 1; }
done
