#!/bin/bash
# usage: compare.sh FORKSCOPE IMAGE INPUT
# Runs IMAGE under forkscope and under QEMU's virt machine; fails unless both
# print the same and reach the line "== end". INPUT, if not empty, is a line for
# the UART; QEMU's gets it once the image asks. Exits with 77 (skipped) where
# QEMU is not installed.
set -euo pipefail
forkscope=$1 image=$2 input=$3
command -v qemu-system-aarch64 >/dev/null || exit 77
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

printf '%s' "${input:+$input$'\n'}" >input
status=0
timeout 60 "$forkscope" run "$(dirname "${BASH_SOURCE[0]}")/bare.json" --headless \
  --kernel "$image" --console ours <input >log 2>&1 || status=$?
if [ $status != 0 ]; then
  cat log
  echo "FAIL: forkscope ended with status $status"
  exit 1
fi

: >theirs
mkfifo keys
exec 3<>keys # read and write, so that QEMU never sees an end
timeout 60 qemu-system-aarch64 -M virt,gic-version=2 -cpu cortex-a57 -m 128M \
  -display none -monitor none -nic none -no-reboot -serial stdio \
  -kernel "$image" <keys >theirs &
qemu=$!
if [ -n "$input" ]; then
  while kill -0 $qemu && ! grep -aq 'UART: input' theirs; do sleep 0.05; done
  printf '%s\n\004' "$input" >&3 # forkscope adds the Ctrl-D itself
fi
wait $qemu

# QEMU's stdio sends a carriage return before each newline.
tr -d '\r' <theirs >theirs.txt
tr -d '\r' <ours >ours.txt
grep -q '^== end$' theirs.txt || { tail -n 5 theirs.txt; echo "FAIL: QEMU did not reach the end"; exit 1; }
diff -a -u --label qemu theirs.txt --label forkscope ours.txt
