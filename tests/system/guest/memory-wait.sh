#!/bin/bash
# usage: memory-wait.sh BUILD_DIR KIND STATUS
# Where every allocation of a kind fails, the kernel says that somebody waits for
# memory, and why: at once, and then at most once in ten seconds. The run of 15
# seconds of the guest ends with STATUS: 0 it gets on all the same, 3 the limit ends it.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

status=0
timeout 120 "$build/forkscope" run --headless --max-cycles 15000000000 --set machine.ram=256M \
  --kernel "$build/guest/guestos.img" --initrd "$build/guest/initrd.cpio" \
  --append "job=/bin/fork-demo inject.$2=1+" --console "$scratch/console" \
  >"$scratch/log" 2>&1 </dev/null || status=$?
[ $status = "$3" ] || { cat "$scratch/console" >&2; fail "forkscope ended with status $status"; }
grep -a "waits for memory" "$scratch/console" >"$scratch/lines" || fail "not a word about waiting"
! grep -vE "^UVM: pid 1 \(init\) waits for memory: [a-z]+, failing by inject\.$2.?$" \
  "$scratch/lines" >&2 || fail "these lines"
[ "$(wc -l <"$scratch/lines")" -le 2 ] || { cat "$scratch/lines" >&2; fail "too many lines"; }
