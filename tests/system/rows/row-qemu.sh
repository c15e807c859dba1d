#!/bin/bash
# usage: row-qemu.sh BUILD_DIR PROGRAM MKCPIO
# All rows of a program that need no probes print the same under QEMU as under
# forkscope, and all say ok. Exits with 77 (skipped) where QEMU is not installed.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/common.sh"
command -v qemu-system-aarch64 >/dev/null || exit 77

printf '%s\0' "$2" -q >"$scratch/argv"
printf '%s\n' "dir job 755" "file job/program 755 $build/guest/tests/$2" \
  "file job/argv 644 $scratch/argv" >"$scratch/manifest"
"$3" "$scratch/manifest" >"$scratch/job.cpio"
cat "$build/guest/initrd.cpio" "$scratch/job.cpio" >"$scratch/initrd.cpio"

# run NAME COMMAND...
run() {
  local name=$1
  shift
  timeout 240 "$@" >"$scratch/$name.log" 2>&1 </dev/null || true
}
run ours "$build/forkscope" run --headless --max-cycles 20000000000 --set machine.ram=256M \
  --kernel "$build/guest/guestos.img" --initrd "$scratch/initrd.cpio" --append "" \
  --console "$scratch/ours.console"
run qemu qemu-system-aarch64 -M virt,gic-version=2 -cpu cortex-a57 -m 256M \
  -display none -monitor none -nic none -no-reboot -serial "file:$scratch/qemu.console" \
  -kernel "$build/guest/guestos.img" -initrd "$scratch/initrd.cpio"
for name in ours qemu; do
  [ -f "$scratch/$name.console" ] || { tail "$scratch/$name.log" >&2; fail "$name did not start"; }
  tr -d '\r' <"$scratch/$name.console" | grep -aE "^(not )?ok " >"$scratch/$name.rows" || true
done
at_least_lines 1 "$scratch/qemu.rows"
same "the rows" "$scratch/qemu.rows" "$scratch/ours.rows"
! grep -a "^not ok" "$scratch/qemu.rows" >&2 || fail "these rows"
grep -q . "$scratch/qemu.rows"
tail -n 1 "$scratch/qemu.rows"
