#!/bin/sh
# guest_program.sh BUILD CASE: what `forkscope run --program` and init make of a
# program's end.
set -eu
build=$1
case=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# run EXIT_CODE GUEST_STATUS ARGUMENT...: runs forkscope and compares both.
run() {
    expected=$1
    guest=$2
    shift 2
    status=0
    "$build/forkscope" run --headless --max-seconds 60 --console console --stats stats.json "$@" \
        >out 2>&1 || status=$?
    if [ "$status" != "$expected" ] || ! grep -q "\"guest_status\": $guest\$" stats.json; then
        echo "guest_program: $case: exit code $status, $expected expected; guest status $guest expected"
        grep guest_status stats.json || true
        cat console out
        exit 1
    fi
}

case $case in
library)
    "$build/guest-cc" -O2 -Wall "$here/programs/library.c" -lm -o library
    run 1 43 --program library -- 'two words' ''
    tr -d '\r' <console | sed -n '/^constructor/,$p' >output
    diff -u "$here/programs/library.expected" output
    ;;
itself)
    # Its environment has nothing of the default job's, and argv[0] is a path.
    cat >again.c <<'EOF'
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv) {
    printf("%d %s\n", argc, argv[0]);
    for (char **word = environ; argc == 1 && *word; word++)
        puts(*word);
    fflush(stdout);
    if (argc == 1)
        execl(argv[0], argv[0], "again", NULL);
    return argc == 2 ? 7 : 8;
}
EOF
    "$build/guest-cc" again.c -o again
    run 1 7 --program again
    tr -d '\r' <console | sed 1,2d >output
    printf '%s\n' '1 /job/again' PATH=/bin:/sbin HOME=/root '2 /job/again' | diff -u - output
    run 1 7 --program again --append 'job=/bin/true word=value'
    grep -q '^word=value' console
    ;;
status)
    echo 'int main(int argc, char **argv) { (void)argv; return argc - 1; }' >count.c
    "$build/guest-cc" count.c -o count
    run 0 0 --program count
    run 1 3 --program count -- a b c
    ;;
signal)
    echo 'int main(void) { return *(volatile int *)16; }' >fault.c
    "$build/guest-cc" fault.c -o fault
    run 1 139 --program fault
    ;;
missing-job)
    run 1 127 --append job=/bin/no-such-job
    grep -q 'init: /bin/no-such-job: No such file or directory' console
    ;;
job-arguments)
    run 1 2 --append 'job=/bin/sh -- -c exit${HOME:+\ }$#\ x\ 2'
    ;;
orphans)
    # init waits for what its job leaves, kills what never ends, and powers off.
    cat >leave.c <<'EOF'
#include <unistd.h>
int main(void) {
    for (int i = 0; i < 5; i++)
        if (fork() == 0) {
            if (fork() == 0)
                sleep(1000);
            _exit(0);
        }
    return 4;
}
EOF
    "$build/guest-cc" leave.c -o leave
    run 1 4 --program leave
    ;;
*)
    echo "guest_program: no such case: $case"
    exit 1
    ;;
esac
