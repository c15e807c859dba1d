#!/bin/bash
# Usage: window.sh BUILD SOURCE
# Drives the panel's window with keys and a mouse: opens it, pauses and steps, pins
# a process, opens the walk, types into the console, switches the layout, quits.
# What happened is read from the window's title and from the files that the run
# writes; nothing is believed because time has passed.
set -euo pipefail
build=$1
source=$2
. "${BASH_SOURCE[0]%/*}/display.bash"

open_display 1600x1000
open_window "$source/configs/shell.json" --set panel.size=1280x720 --set console.input=none \
  --set panel.layout=lecture --console "$work/console" --describe "$work/describe"
until_true "Lecture" title_has ", Lecture"

# The run begins event by event. Pause, then step.
xdotool key F5
until_true "a pause" title_has "paused at cycle"
before=$(title)
xdotool key F6
until_true "a step" title_is_not "$before"
until_true "the end of the step" title_has "paused at cycle"

# Step until there is a process, whose row in the tree a click pins: the first one,
# somewhere below the tabs.
pinned() { title_has " pinned"; }
tries=0
until pinned; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || fail "no click pinned a process"
  xdotool key F6
  xdotool mousemove --window "$window" 60 $((90 + tries % 10 * 9)) click 1
  for _ in 1 2 3; do pinned && break; sleep 0.1; done
done

# The walk, then the console; what is typed is the guest's.
xdotool key alt+3
xdotool key alt+0
for _ in 1 2 3 4; do xdotool key ctrl+Up; done # as fast as it can
xdotool key F5
until_true "running" title_has ": running"
until_true "a prompt" grep -q '[$#] ' "$work/console"
answered() { grep -q 'forty-two is 42' "$work/console"; }
xdotool type --delay 30 'echo forty-two is $((6*7))'
xdotool key Return
until_true "an answer" answered

xdotool key ctrl+2
until_true "Lab" title_has ", Lab"
xdotool key ctrl+3
until_true "Debug" title_has ", Debug"

quit_window 3 # closed before the guest was done
settings=$work/config/forkscope/panel.json
grep -q '"layout": "debug"' "$settings" || fail "the layout was not kept"
grep -q '"table-walk"' "$settings" || fail "the walk was not in front"
grep -q '"console"' "$settings" || fail "the console was not in front"
grep -q 'forty-two is 42' "$work/describe" || fail "the description lacks the console"
[ ! -s "$work/err" ] || fail "messages: $(cat "$work/err")"

# Without any display: an error if a panel was asked for.
unset DISPLAY
status=0
"$build/forkscope" run --ui >"$work/out" 2>"$work/err" || status=$?
[ "$status" = 2 ] || fail "exit status $status without a display"
[ "$(grep -c . "$work/err")" = 1 ] || fail "more than one line: $(cat "$work/err")"
# With one that is not there: a line, and the run goes on.
DISPLAY=:$((display + 1000)) "$build/forkscope" run >"$work/out" 2>"$work/err" ||
  fail "a display that is not there stopped the run"
[ "$(grep -c . "$work/err")" = 1 ] || fail "more than one line: $(cat "$work/err")"
