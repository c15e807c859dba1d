#!/bin/bash
# Usage: display_loss.sh BUILD SOURCE
# Takes the X server away from a window: while the guest runs freely, waits for a
# key, goes event by event, is paused or has ended, and in the middle of typing. The
# run must end at once, with its files, one line, and status 3, or the guest's own.
set -euo pipefail
build=$1
source=$2
. "${BASH_SOURCE[0]%/*}/display.bash"

# log_out: the window is told to close while its server goes away.
log_out() {
  local status=0 watchdog
  disown "$xvfb"
  kill -TERM "$program"
  sleep "$1"
  kill -KILL "$xvfb"
  (sleep 30; kill -KILL "$program") >/dev/null 2>&1 &
  watchdog=$!
  wait "$program" || status=$?
  kill "$watchdog" 2>/dev/null || true
  [ "$status" = 3 ] || fail "logging out: exit status $status, not 3"
  grep -q '"cycles"' "$work/stats" || fail "logging out: no statistics"
}

# lose STATUS WHAT: takes the display away; the program must end by itself.
lose() {
  local status=0 watchdog
  disown "$xvfb" # says nothing of its end
  kill -KILL "$xvfb"
  (sleep 30; kill -KILL "$program") >/dev/null 2>&1 &
  watchdog=$!
  wait "$program" || status=$?
  kill "$watchdog" 2>/dev/null || true
  [ "$status" = "$1" ] || fail "$2: exit status $status, not $1"
  [ "$(cat "$work/err")" = "forkscope: the display went away: the run ends here" ] ||
    fail "$2: not that one line: $(cat "$work/err")"
  grep -q '"cycles"' "$work/stats" || fail "$2: no statistics"
}

open_here() {
  rm -f "$work/console" "$work/stats"
  open_display 1280x800
  open_window --stats "$work/stats" --console "$work/console" "$@"
}

endless=(--program "$build/guest/programs/bench-compute" -- 100000)
for _ in 1 2 3; do
  open_here --set console.input=stdin "${endless[@]}"
  until_true "a free run" title_has ": running"
  lose 3 "running freely"
done

open_here "$source/configs/shell.json"
until_true "a prompt" grep -q '[$#] ' "$work/console"
lose 3 "waiting for a key"

open_here
until_true "a run" title_has ": running"
lose 3 "event by event"

open_here
xdotool key F5
until_true "a pause" title_has "paused at cycle"
lose 3 "paused"

open_here "$source/configs/shell.json"
until_true "a prompt" grep -q '[$#] ' "$work/console"
xdotool key alt+0
(while xdotool type --delay 5 "echo lost; "; do :; done) 2>/dev/null &
until_true "an echo" grep -q 'echo lost; echo' "$work/console"
lose 3 "typing"

for pause in 0 0.005 0.01 0.02 0.05; do
  open_here
  until_true "a run" title_has ": running"
  log_out "$pause"
done

open_here --set console.input=stdin
until_true "the end" title_has "ended at cycle"
lose 0 "ended"
