#!/bin/bash
# usage: bench.sh BUILD_DIR
# `forkscope bench` measures all workloads and writes what it found as JSON.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

timeout 300 "$build/forkscope" bench --runs 1 --without-cycle --json "$scratch/bench.json" >"$scratch/table" ||
  fail "forkscope bench ended with status $?"
for name in boot compute fork fork64; do
  grep -qF "\"name\": \"$name\"" "$scratch/bench.json" || fail "$name is not in the JSON"
  grep -qE "^$name +[0-9.]+ +[0-9.]+ +[0-9.]+" "$scratch/table" || fail "$name is not in the table"
done
