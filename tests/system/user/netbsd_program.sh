#!/bin/sh
# netbsd_program.sh MACHINE BUILD SOURCE: compiles SOURCE, which is written for
# NetBSD, with guest-cc, runs it, and compares what it prints with SOURCE's
# .expected file. MACHINE is `forkscope` or `qemu`; BUILD is the build folder.
set -eu
. "$(dirname "$0")/guest_job.sh"

"$2/guest-cc" -O2 -Wall -Wextra -Werror "$3" -o "$work/netbsd"
run_job "$1" "$2" "file job/netbsd 755 $work/netbsd" \
    'echo "@begin"; /job/netbsd 2>&1; echo "@end"'
expect "${3%.c}.expected"
