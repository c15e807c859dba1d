#!/bin/bash
# Usage: cost.sh BUILD SOURCE
# What the window costs, for docs/panel.md; not a test. CPU time of an idle panel in
# ten seconds; and how long programs take that run freely in it, the machine's thread
# and the rest apart, against runs without it: the least CPU time of three in turns.
set -euo pipefail
build=$1
source=$2
. "${BASH_SOURCE[0]%/*}/display.bash"

# ticks PROCESS: CPU time so far of all its threads, in hundredths of a second.
ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }
# idle WHAT
idle() {
  sleep 2
  local before
  before=$(ticks "$program")
  sleep 10
  echo "idle, $1: $(awk "BEGIN { print ($(ticks "$program") - $before) / 10 }") % of a core"
}

open_display 1920x1080
open_window "$source/configs/shell.json" --set panel.size=1920x1080 --console "$work/console"
until_true "a prompt" grep -q '[$#] ' "$work/console"
idle "the guest waits for a key"
xdotool key F5
until_true "a pause" title_has "paused at cycle"
idle "paused"
quit_window 3
open_window --set console.input=stdin --set panel.size=1920x1080
until_true "the end" title_has "ended at cycle"
idle "the run has ended"
quit_window 0

# Seconds of CPU time that the guest's program takes, and seconds on the clock.
in_window() {
  local begin machine all
  open_window --set panel.size=1920x1080 --program "$@"
  until_true "a start" title_has ": running"
  xdotool key ctrl+Up ctrl+Up ctrl+Up # 10 events a second, 25, all
  begin=$(date +%s%N)
  until title_has "ended at cycle"; do sleep 0.1; done
  all=$(ticks "$program")
  machine=$(ticks "$program/task/$(machine_thread)")
  seconds "$begin" "$machine" "$((all - machine))" >>"$work/window"
  quit_window 0
}
machine_thread() { grep -l '^machine$' /proc/"$program"/task/*/comm | sed 's#.*task/##; s#/comm##'; }
# seconds BEGIN TICKS...: on the clock since BEGIN, then ticks as seconds.
seconds() {
  awk "BEGIN { print $2 / 100, ($(date +%s%N) - $1) / 1e9, ${3:-0} / 100 }"
}
alone() {
  local begin before
  begin=$(date +%s%N)
  before=$(children)
  "$build/forkscope" run --headless --program "$@" >/dev/null
  seconds "$begin" "$(($(children) - before))" >>"$work/alone"
}
# CPU time of this script's children that have ended, in hundredths of a second.
children() { sed 's/.*) //' /proc/$$/stat | awk '{ print $14 + $15 }'; }
least() { sort -g "$work/$1" | awk 'NR == 1 { print "CPU " $1 " s, clock " $2 " s" ($3 ? ", drawing " $3 " s" : "") }'; }
compare() {
  local what=$1
  shift
  rm -f "$work/window" "$work/alone"
  for _ in 1 2 3; do
    alone "$@"
    in_window "$@"
  done
  echo "$what: alone $(least alone); in the window $(least window)"
}
programs=$build/guest/programs
compare "20,000 forks" "$programs/bench-fork" -- 20000
compare "compute" "$programs/bench-compute" -- 260
