#!/bin/sh
# guest_script.sh MACHINE BUILD SCRIPT: runs SCRIPT with the guest's shell and
# compares what it prints, and its status, with SCRIPT's .expected file.
#
# MACHINE is `forkscope` or `qemu`; BUILD is the build folder. The script goes
# into the guest as an argument of sh, so nothing has to be put into its files.
set -eu
. "$(dirname "$0")/guest_job.sh"

run_job "$1" "$2" "" 'mkdir /tmp/work; cd /tmp/work; echo "@begin"
    sh -c "$1" </dev/null 2>&1; echo "status $?"; echo "@end"' sh "$(cat "$3")"
expect "${3%.sh}.expected"
