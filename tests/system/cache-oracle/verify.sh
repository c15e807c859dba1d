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
[ $status = 0 ] || exit 1
[ "$(grep -c ': met$' <<<"$output")" = 2 ]
