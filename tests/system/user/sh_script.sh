#!/bin/sh
# sh_script.sh SHELL SCRIPT: runs SCRIPT with SHELL as `sh` in an empty folder
# and compares what it prints, and its status, with SCRIPT's .expected file.
set -eu
shell=$1
script=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/here"
ln -s "$shell" "$work/bin/sh"
cd "$work/here"
status=0
PATH=$work/bin:$PATH HOME=/ "$work/bin/sh" "$script" </dev/null >"$work/output" 2>&1 || status=$?
echo "status $status" >>"$work/output"
diff -u "${script%.sh}.expected" "$work/output"
