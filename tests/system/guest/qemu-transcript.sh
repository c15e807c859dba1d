#!/bin/bash
# usage: qemu-transcript.sh BUILD_DIR APPEND LEAST_LINES
# The same kernel and initrd print the same transcript under forkscope and under
# QEMU, byte for byte. Exits with 77 (skipped) where QEMU is not installed.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
command -v qemu-system-aarch64 >/dev/null || exit 77

forkscope_run ours "$2"
qemu_run qemu "$2"
at_least_lines "$3" "$scratch/qemu.console"
same "the transcripts" "$scratch/qemu.console" "$scratch/ours.console"
