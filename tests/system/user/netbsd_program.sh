#!/bin/sh
# netbsd_program.sh MACHINE BUILD SOURCE: compiles SOURCE, which is written for
# NetBSD, with guest-cc, runs it, and compares what it prints with SOURCE's
# .expected file. MACHINE is `forkscope` or `qemu`; BUILD is the build folder.
set -eu
machine=$1
build=$2
source=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$build/guest-cc" -O2 -Wall -Wextra -Werror "$source" -o "$work/program"
frame='echo "@begin"; /job/netbsd 2>&1; echo "@end"'
printf '%s\0' sh -c "$frame" >"$work/argv"
printf 'dir job 755\nfile job/program 755 %s\nfile job/argv 644 %s\nfile job/netbsd 755 %s\n' \
    "$build/guest/programs/sh" "$work/argv" "$work/program" >"$work/manifest"
"$(dirname "$0")/../../../guestos/user/tools/mkcpio.sh" "$work/manifest" >"$work/job.cpio"
cat "$build/guest/initrd.cpio" "$work/job.cpio" >"$work/initrd.cpio"
case $machine in
forkscope)
    "$build/forkscope" run --headless --max-seconds 100 --append "" --console "$work/console" \
        --kernel "$build/guest/guestos.img" --initrd "$work/initrd.cpio" >"$work/out" 2>&1 || true
    ;;
qemu)
    if ! command -v qemu-system-aarch64 >/dev/null; then
        echo "qemu-system-aarch64 is not installed"
        exit 77
    fi
    timeout 100 qemu-system-aarch64 -M virt,gic-version=2 -cpu cortex-a57 -m 256M -nographic -nic none \
        -kernel "$build/guest/guestos.img" -initrd "$work/initrd.cpio" \
        </dev/null >"$work/console" 2>"$work/out" || true
    ;;
esac
tr -d '\r' <"$work/console" | sed -n '/^@begin$/,/^@end$/{/^@/!p;}' >"$work/output"
if ! diff -u "${source%.c}.expected" "$work/output"; then
    echo "--- the whole console:"
    cat "$work/console" "$work/out"
    exit 1
fi
