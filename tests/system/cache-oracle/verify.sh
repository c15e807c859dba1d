#!/bin/bash
# usage: verify.sh FORKSCOPE
# The pipeline agrees with llvm-mca, the data cache with QEMU's plugin. Exits with
# 77 (skipped) where the plugin can't be built or a judge is not installed.
set -euo pipefail
status=0
output=$("$1" verify 2>&1) || status=$?
echo "$output"
if grep -qE "can't be built|not found; install|can't be started" <<<"$output"; then
  exit 77
fi
# mca-compat.json follows LLVM 14; other versions model the core a little differently.
if ! grep -q 'LLVM version 14\.' <<<"$output"; then
  grep -q '^  goal: equal: met$' <<<"$output"
  exit
fi
[ $status = 0 ] || exit 1
[ "$(grep -c ': met$' <<<"$output")" = 2 ]
