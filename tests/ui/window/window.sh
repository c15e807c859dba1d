#!/bin/bash
# Usage: window.sh BUILD SOURCE
# Drives the panel's window with keys and a mouse: opens it, pauses and steps, pins
# a process, opens the walk, types into the console, switches the layout, quits.
# What happened is read from the window's title and from the files that the run
# writes; nothing is believed because time has passed.
set -euo pipefail
build=$1
source=$2
work=$(mktemp -d)
pids=()
finish() {
  local status=$?
  if [ "$status" != 0 ]; then
    echo "title: $(title || true)"
    cat "$work/err" 2>/dev/null || true
  fi
  for pid in ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null || true; done
  wait || true
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
fail() { echo "window.sh: $*"; exit 1; }

# until_true WHAT COMMAND...: tries until it succeeds, for a minute at most.
until_true() {
  local what=$1 tries
  shift
  for ((tries = 0; tries < 600; ++tries)); do
    if "$@"; then return 0; fi
    sleep 0.1
  done
  fail "$what did not happen"
}

mkfifo "$work/display"
Xvfb -displayfd 3 -screen 0 1600x1000x24 -nolisten tcp -noreset 3>"$work/display" 2>"$work/xvfb" &
pids+=($!)
read -r number <"$work/display"
export DISPLAY=:$number XDG_CONFIG_HOME=$work/config
unset WAYLAND_DISPLAY

"$build/forkscope" run "$source/configs/shell.json" --ui --set panel.size=1280x720 \
  --set console.input=none --set panel.layout=lecture --console "$work/console" --describe "$work/describe" \
  >"$work/out" 2>"$work/err" &
program=$!
pids+=($program)

window=""
find_window() { window=$(xdotool search --name '^Forkscope: ' 2>/dev/null | head -n 1); [ -n "$window" ]; }
title() { xdotool getwindowname "$window" 2>/dev/null; }
title_has() { [[ "$(title)" == *"$1"* ]]; }
title_is_not() { [ "$(title)" != "$1" ]; }
has_focus() { [ "$(xdotool getwindowfocus)" = "$window" ]; }

until_true "a window" find_window
xdotool windowfocus "$window"
until_true "the focus" has_focus
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

xdotool key ctrl+shift+q
status=0
wait "$program" || status=$?
[ "$status" = 3 ] || fail "exit status $status, not 3: closed before the guest was done"
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
DISPLAY=:$((number + 1000)) "$build/forkscope" run >"$work/out" 2>"$work/err" ||
  fail "a display that is not there stopped the run"
[ "$(grep -c . "$work/err")" = 1 ] || fail "more than one line: $(cat "$work/err")"
