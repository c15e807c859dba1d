# For scripts that open the panel's window: a display of their own, and what the
# window's title says. Sets `work`, a folder, and removes it and all processes in
# `pids` at the end; messages of the program are expected in $work/err.
work=$(mktemp -d)
pids=()
finish() {
  local status=$?
  if [ "$status" != 0 ]; then
    echo "title: $(title || true)"
    cat "$work/err" 2>/dev/null || true
  fi
  for pid in ${pids[@]+"${pids[@]}"}; do kill -KILL "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
fail() { echo "${0##*/}: $*"; exit 1; }

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

# open_display SIZE: an X server; sets `display`, its number, and `xvfb`, its process.
open_display() {
  rm -f "$work/display"
  mkfifo "$work/display"
  Xvfb -displayfd 3 -screen 0 "$1x24" -nolisten tcp -noreset 3>"$work/display" 2>"$work/xvfb" &
  xvfb=$!
  pids+=("$xvfb")
  read -r display <"$work/display"
  export DISPLAY=:$display XDG_CONFIG_HOME=$work/config
  unset WAYLAND_DISPLAY
}

window=""
find_window() { window=$(xdotool search --name '^Forkscope: ' 2>/dev/null | head -n 1); [ -n "$window" ]; }
title() { xdotool getwindowname "$window" 2>/dev/null; }
title_has() { [[ "$(title)" == *"$1"* ]]; }
title_is_not() { [ "$(title)" != "$1" ]; }
has_focus() { [ "$(xdotool getwindowfocus)" = "$window" ]; }

# open_window ARGUMENTS...: `forkscope run --ui`; sets `program`, its process, and
# `window`, which has the focus.
open_window() {
  "$build/forkscope" run --ui "$@" >"$work/out" 2>"$work/err" &
  program=$!
  pids+=("$program")
  until_true "a window" find_window
  xdotool windowfocus "$window"
  until_true "the focus" has_focus
}

# quit_window STATUS: and what the program is to exit with.
quit_window() {
  local status=0
  xdotool key ctrl+shift+q
  wait "$program" || status=$?
  [ "$status" = "$1" ] || fail "exit status $status, not $1"
}
