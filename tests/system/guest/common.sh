#!/bin/bash
# What the system tests share. Sourced with the build directory as $1.
set -euo pipefail
build=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() { echo "FAIL: $*" >&2; exit 1; }

# forkscope_run NAME APPEND [FLAGS...]: a run of the bundled images; its console
# goes to $scratch/NAME.console. Fails unless the guest powers off with status 0.
forkscope_run() {
  local name=$1 append=$2
  shift 2
  timeout 120 "$build/forkscope" run --headless \
    --kernel "$build/guest/guestos.img" --initrd "$build/guest/initrd.cpio" \
    --append "$append" --set machine.ram=256M --console "$scratch/$name.console" "$@" \
    >"$scratch/$name.log" 2>&1 </dev/null ||
    { local status=$?; tail -n 20 "$scratch/$name.log" >&2; fail "forkscope ended with status $status"; }
}

# qemu_run NAME APPEND: the same under QEMU.
qemu_run() {
  timeout 120 qemu-system-aarch64 -M virt,gic-version=2 -cpu cortex-a57 -m 256M \
    -display none -monitor none -nic none -no-reboot -serial "file:$scratch/$1.console" \
    -kernel "$build/guest/guestos.img" -initrd "$build/guest/initrd.cpio" -append "$2" \
    >"$scratch/$1.log" 2>&1 </dev/null ||
    { local status=$?; tail -n 20 "$scratch/$1.log" >&2; fail "QEMU ended with status $status"; }
}

# same WHAT A B: fails with the first differences unless both files are the same.
same() {
  cmp -s "$2" "$3" || { diff -a -u "$2" "$3" | head -n 40 >&2; fail "$1 differ"; }
}

# at_least_lines N FILE: guards against comparing nothing with nothing.
at_least_lines() {
  local lines
  lines=$(wc -l <"$2")
  [ "$lines" -ge "$1" ] || { cat "$2" >&2; fail "only $lines lines, at least $1 expected"; }
}
