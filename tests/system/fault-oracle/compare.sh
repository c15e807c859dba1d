#!/bin/bash
# usage: compare.sh FORKSCOPE IMAGE DIRECTORY
# Runs IMAGE under forkscope and under QEMU's virt machine and compares what they
# print, line by line; differences.txt says which lines may differ. Transcripts
# stay in DIRECTORY. Exits with 77 (skipped) where QEMU is not installed.
set -euo pipefail
forkscope=$1 image=$2 directory=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v qemu-system-aarch64 >/dev/null || exit 77

status=0
timeout 60 "$forkscope" run "$here/../bare/bare.json" --headless --kernel "$image" \
  --console "$directory/forkscope.txt" </dev/null >"$directory/forkscope.log" 2>&1 || status=$?
if [ $status != 0 ]; then
  tail -n 5 "$directory/forkscope.log"
  echo "FAIL: forkscope ended with status $status"
  exit 1
fi
timeout 60 qemu-system-aarch64 -M virt,gic-version=2 -cpu cortex-a57 -m 128M \
  -display none -monitor none -nic none -no-reboot -serial stdio \
  -kernel "$image" </dev/null >"$directory/qemu.txt"

# Later versions differ in less; only this one has to differ in all of them.
complete=0
case $(qemu-system-aarch64 --version) in *"version 7.2."*) complete=1 ;; esac
exec awk -v complete=$complete -f "$here/compare.awk" "$here/differences.txt" \
  "$directory/qemu.txt" "$directory/forkscope.txt"
