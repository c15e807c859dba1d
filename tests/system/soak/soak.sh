#!/bin/bash
# usage: soak.sh BUILD_DIR MACHINE PROGRAM ARGUMENTS...
# Runs a program of guestos/user/tests: every part says ok, nothing says anything
# else, and as many frames are free at the end as there were at the start.
# MACHINE: ours; slow, whose clock ticks every 625,000 cycles; small, with 12 MiB;
# qemu; or all, which runs everything for so many seconds (of the host's time).
# The parts of soak_loops are given as one word, joined by +.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/common.sh"
tools=$(dirname "${BASH_SOURCE[0]}")/../../../guestos/user/tools
machine=$2
program=$3
shift 3

# The end of the console, without what random calls have written there.
last_words() {
  tail -n 40 "$scratch/console" | cat -v | grep -aE '[a-z]{3}' | tail -n 20 >&2
}

# on_ours NAME PROGRAM FLAGS... -- ARGUMENTS...
on_ours() {
  local name=$1 tested=$2
  shift 2
  "$build/forkscope" run --headless --max-cycles 100000000000000 --set machine.ram=64M \
    --kernel "$build/guest/guestos.img" --initrd "$build/guest/initrd.cpio" \
    --program "$build/guest/tests/$tested" --stats "$scratch/stats" \
    --console "$scratch/console" "$@" >"$scratch/log" 2>&1 </dev/null ||
    { local status=$?; last_words; fail "$name: forkscope ended with status $status"; }
  local start end
  start=$(sed -n 's/.*"frames_free_at_boot": \([0-9]*\).*/\1/p' "$scratch/stats")
  end=$(sed -n 's/.*"frames_free_at_end": \([0-9]*\).*/\1/p' "$scratch/stats")
  [ -n "$start" ] && [ "$start" = "$end" ] || fail "$name: $start frames free at boot, $end at the end"
}

# on_qemu NAME PROGRAM ARGUMENTS...
on_qemu() {
  local name=$1 tested=$2
  shift
  command -v qemu-system-aarch64 >/dev/null || exit 77
  printf '%s\0' "$@" >"$scratch/argv"
  printf '%s\n' "dir job 755" "file job/program 755 $build/guest/tests/$tested" \
    "file job/argv 644 $scratch/argv" >"$scratch/manifest"
  "$tools/mkcpio.sh" "$scratch/manifest" >"$scratch/job.cpio"
  cat "$build/guest/initrd.cpio" "$scratch/job.cpio" >"$scratch/initrd.cpio"
  qemu-system-aarch64 -M virt,gic-version=2 -cpu cortex-a57 -m 64M \
    -display none -monitor none -nic none -no-reboot -serial "file:$scratch/console" \
    -kernel "$build/guest/guestos.img" -initrd "$scratch/initrd.cpio" >"$scratch/log" 2>&1 </dev/null ||
    { last_words; fail "$name: QEMU failed"; }
}

# check NAME: what the console says
check() {
  tr -d '\r' <"$scratch/console" | grep -aE '^(not ok|panic|ok |# )' >"$scratch/said" || true
  cat "$scratch/said"
  if ! grep -q '^ok ' "$scratch/said" || grep -qE '^(not ok|panic)' "$scratch/said"; then
    last_words
    fail "$1"
  fi
}

# once MACHINE PROGRAM ARGUMENTS...
once() {
  local where=$1 tested=$2
  shift 2
  case $where in
    ours) on_ours "$tested $*" "$tested" -- "$@" ;;
    slow) on_ours "$tested $*" "$tested" --set machine.cpu_hz=62500000 -- "$@" ;;
    small) on_ours "$tested $*" "$tested" --set machine.ram=12M -- "$@" ;;
    qemu) on_qemu "$tested $*" "$tested" "$@" ;;
  esac
  check "$tested $*"
}

# each MACHINE PROGRAM PARTS [SIZE]: the parts one after another
each() {
  local where=$1 tested=$2 part
  for part in ${3//+/ }; do
    once "$where" "$tested" "$part" "${@:4}"
  done
}

# for_long SECONDS: everything in turns, with another seed each time
for_long() {
  local seconds=$1 round=0 turn turns=()
  for ((SECONDS = 0; SECONDS < seconds; round++)); do
    turns=("ours soak_loops" "ours soak_fuzz 200000 $((1000 + round))" "small soak_fuzz 100000 $((2000 + round))"
      "slow soak_loops signal-moments $((2000 + 17 * round))" "slow soak_loops kill-moments $((500 + 7 * round))"
      "qemu soak_fuzz 100000 $((3000 + round))" "ours soak_loops generations 10000"
      "slow soak_loops vfork-moments $((2000 + 13 * round))")
    for turn in "${turns[@]}"; do
      if [ "$SECONDS" -lt "$seconds" ]; then
        echo "$SECONDS s: $turn"
        once $turn
      fi
    done
  done
  echo "$round rounds in $SECONDS s without an incident"
}

case $machine-$program in
  all-*) for_long "$1" ;;
  *-soak_loops) each "$machine" "$program" "$@" ;;
  *) once "$machine" "$program" "$@" ;;
esac
