# guest_job.sh: sourced. run_job MACHINE BUILD FILES COMMANDS [ARGUMENT...] lets
# the guest's shell run COMMANDS, with ARGUMENTs, as the guest's job, on MACHINE
# (`forkscope` or `qemu`) with the images of the folder BUILD. FILES are more lines
# for mkcpio.sh. What is printed between @begin and @end goes to $work/output, all
# of it to $work/console. Exits with 77 where QEMU is not installed.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run_job() {
    machine=$1
    build=$2
    files=$3
    shift 3
    printf '%s\0' sh -c "$@" >"$work/argv"
    printf '%s\n' "dir job 755" "file job/program 755 $build/guest/programs/sh" \
        "file job/argv 644 $work/argv" ${files:+"$files"} >"$work/manifest"
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
        timeout 100 qemu-system-aarch64 -M virt,gic-version=2 -cpu cortex-a57 -m 256M -nographic \
            -nic none -kernel "$build/guest/guestos.img" -initrd "$work/initrd.cpio" \
            </dev/null >"$work/console" 2>"$work/out" || true
        ;;
    esac
    tr -d '\r' <"$work/console" | sed -n '/^@begin$/,/^@end$/{/^@/!p;}' >"$work/output"
}

# expect FILE: the output is the file's.
expect() {
    if ! diff -u "$1" "$work/output"; then
        echo "--- the whole console:"
        cat "$work/console" "$work/out"
        exit 1
    fi
}
