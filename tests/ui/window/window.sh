#!/bin/bash
# Usage: window.sh BUILD SOURCE
# Drives the panel's window with keys and a mouse: opens it, pauses and steps, pins
# a process, opens the walk, types into the console, switches the layout, quits; then
# takes a lesson, on a desktop that wants everything twice as large.
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

# The walk by the mouse, wherever its tab is exactly; then the console: what is typed
# is the guest's.
for x in 660 690 720 750 780; do
  xdotool mousemove --window "$window" "$x" 94 click 1
done
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
# in_front PANEL: in the layout Lecture.
in_front() { tr -d ' \n' <"$settings" | grep -q "\"lecture\":{\"front\":\[[^]]*\"$1\""; }
in_front table-walk || fail "the walk was not in front"
in_front console || fail "the console was not in front"
grep -q 'forty-two is 42' "$work/describe" || fail "the description lacks the console"
[ ! -s "$work/err" ] || fail "messages: $(cat "$work/err")"

# A lesson. Its answers are typed; the one to the third question is a prediction, and
# then the run goes on to where it can be judged.
echo 'Xft.dpi: 192' >"$work/resources"
export XENVIRONMENT=$work/resources
open_window "$source/configs/lessons/fork-cow.json" --set panel.size=640x400 --set panel.layout=lab
until_true "a lesson" title_has "step 1 of 12, 0 of 0 points"
until_true "its first question" title_has "paused at cycle"
[[ "$(xdotool getwindowgeometry "$window")" == *"Geometry: 1280x800"* ]] ||
  fail "not twice as large: $(xdotool getwindowgeometry "$window")"
before=$(title)
answer() { # ANSWER POINTS NEXT-STEP
  xdotool type "$1"
  xdotool key Return
  until_true "an answer to question $(($3 - 1))" title_has ", $2 points"
  xdotool key Return
  until_true "step $3" title_has "step $3 of 12"
}
answer 1 "2 of 2" 2
answer 3 "2 of 4" 3 # which is wrong
[ "$(title)" = "${before/step 1 of 12, 0 of 0/step 3 of 12, 2 of 4}" ] || fail "the run went on"
answer '1(5(6))' "5 of 7" 4
[[ "$(title)" != *"${before%%, Lab*}"* ]] || fail "the run did not go on"
quit_window 3
grep -q '640,' "$settings" || fail "the window's size was not kept in the desktop's units"
unset XENVIRONMENT

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
