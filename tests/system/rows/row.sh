#!/bin/bash
# usage: row.sh BUILD_DIR PROGRAM ROW
# The program checks one row under forkscope: all its checks say ok.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/common.sh"

status=0
timeout 240 "$build/forkscope" run --headless --max-cycles 20000000000 --set machine.ram=256M \
  --kernel "$build/guest/guestos.img" --initrd "$build/guest/initrd.cpio" \
  --program "$build/guest/tests/$2" --console "$scratch/console" -- "$3" \
  >"$scratch/log" 2>&1 </dev/null || status=$?
if [ $status -ne 0 ] || ! grep -qE "^ok $3 - " "$scratch/console" ||
  grep -q "^not ok" "$scratch/console"; then
  tail -n 20 "$scratch/log" "$scratch/console" >&2
  fail "row $3 of $2: forkscope ended with status $status"
fi
grep -a "^ok $3 - " "$scratch/console"
