#!/bin/sh
# guest_script.sh MACHINE BUILD SCRIPT: runs SCRIPT with the guest's shell and
# compares what it prints, and its status, with SCRIPT's .expected file.
#
# MACHINE is `forkscope` or `qemu`; BUILD is the build folder. The script goes
# into the guest as an argument of sh, so nothing has to be put into its files.
set -eu
machine=$1
build=$2
script=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

text=$(cat "$script")
frame='mkdir /tmp/work; cd /tmp/work; echo "@begin"; sh -c "$1" </dev/null 2>&1; echo "status $?"; echo "@end"'
case $machine in
forkscope)
    "$build/forkscope" run --headless --max-seconds 100 --console "$work/console" \
        --program "$build/guest/programs/sh" -- -c "$frame" sh "$text" >"$work/out" 2>&1 || true
    ;;
qemu)
    if ! command -v qemu-system-aarch64 >/dev/null; then
        echo "qemu-system-aarch64 is not installed"
        exit 77
    fi
    printf '%s\0' sh -c "$frame" sh "$text" >"$work/argv"
    printf 'dir job 755\nfile job/program 755 %s\nfile job/argv 644 %s\n' \
        "$build/guest/programs/sh" "$work/argv" >"$work/manifest"
    "$(dirname "$0")/../../../guestos/user/tools/mkcpio.sh" "$work/manifest" >"$work/job.cpio"
    cat "$build/guest/initrd.cpio" "$work/job.cpio" >"$work/initrd.cpio"
    timeout 100 qemu-system-aarch64 -M virt,gic-version=2 -cpu cortex-a57 -m 256M -nographic -nic none \
        -kernel "$build/guest/guestos.img" -initrd "$work/initrd.cpio" \
        </dev/null >"$work/console" 2>"$work/out" || true
    ;;
esac
tr -d '\r' <"$work/console" | sed -n '/^@begin$/,/^@end$/{/^@/!p;}' >"$work/output"
if ! diff -u "${script%.sh}.expected" "$work/output"; then
    echo "--- the whole console:"
    cat "$work/console" "$work/out"
    exit 1
fi
