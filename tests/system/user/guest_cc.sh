#!/bin/sh
# guest_cc.sh GUEST_CC CASE: what the driver promises, one case a call.
set -eu
guest_cc=$1
case=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "guest_cc: $case: $*" >&2
    exit 1
}

# bytes FILE OFFSET COUNT: as one number, little endian
number() {
    od -An -tu"$3" -j"$2" -N"$3" "$1" | tr -d ' '
}

# A static AArch64 program: ELF64, type EXEC, no interpreter; every loaded
# segment begins in a page of its own and none can be written and executed.
expect_program() {
    [ "$(od -An -c -j1 -N3 "$1" | tr -d ' ')" = ELF ] || fail "$1 is no ELF file"
    [ "$(number "$1" 4 1)" = 2 ] || fail "$1 is not 64-bit"
    [ "$(number "$1" 16 2)" = 2 ] || fail "$1 is not an executable with fixed addresses"
    [ "$(number "$1" 18 2)" = 183 ] || fail "$1 is not for AArch64"
    place=$(number "$1" 32 8)
    count=$(number "$1" 56 2)
    writable=0
    executable=0
    while [ "$count" -gt 0 ]; do
        type=$(number "$1" "$place" 4)
        flags=$(number "$1" $((place + 4)) 4)
        offset=$(number "$1" $((place + 8)) 8)
        address=$(number "$1" $((place + 16)) 8)
        [ "$type" != 3 ] || fail "$1 wants an interpreter"
        if [ "$type" = 1 ]; then
            [ $((address % 4096)) = 0 ] && [ $((offset % 4096)) = 0 ] || fail "a segment is not page aligned"
            [ $((flags & 3)) != 3 ] || fail "a segment is writable and executable"
            writable=$((writable + (flags & 2) / 2))
            executable=$((executable + (flags & 1)))
        fi
        place=$((place + 56))
        count=$((count - 1))
    done
    [ $writable = 1 ] && [ $executable = 1 ] || fail "$writable writable, $executable executable segments"
}

# The driver fails, says so in one line with PATTERN, and leaves nothing.
expect_error() {
    pattern=$1
    shift
    if "$guest_cc" "$@" >out 2>err; then
        fail "guest-cc $* succeeded"
    fi
    [ "$(wc -l <err)" -eq 1 ] || fail "guest-cc $*: not one line: $(cat err)"
    grep -q -- "$pattern" err || fail "guest-cc $*: '$pattern' is not in: $(cat err)"
    [ ! -e program ] || fail "guest-cc $* left a program"
}

main_c() {
    cat >main.c <<'EOF'
#include <stdio.h>
int main(void) { printf("%d\n", 1); return 0; }
EOF
}

case $case in
one-source)
    main_c
    "$guest_cc" -Wall -Werror -O2 main.c -o program
    expect_program program
    ;;
several-sources)
    mkdir include
    echo '#define FROM_HEADER 40' >include/part.h
    printf '#include "part.h"\nint part(void) { return FROM_HEADER + FROM_COMMAND; }\n' >part.c
    printf 'int part(void);\nint main(void) { return part() != 42; }\n' >main.c
    "$guest_cc" -Wall -Werror -O1 -I include -DFROM_COMMAND=2 main.c part.c -o program
    expect_program program
    "$guest_cc" -O -Iinclude -D FROM_COMMAND=2 -c part.c
    [ -f part.o ] || fail "-c made no part.o"
    "$guest_cc" main.c part.o -lm -o program2
    expect_program program2
    echo 'main.c part.o -lm' >files
    "$guest_cc" @files -o program3
    expect_program program3
    "$guest_cc" part.o -x c - -o program4 <main.c
    expect_program program4
    ;;
debug)
    main_c
    "$guest_cc" -g main.c -o program
    "$guest_cc" -s main.c -o stripped
    [ "$(wc -c <program)" -gt $(($(wc -c <stripped) * 2)) ] || fail "-g added nothing"
    ;;
threads-and-constructors)
    cat >main.c <<'EOF'
#include <errno.h>
_Thread_local int in_tdata = 7, in_tbss;
_Thread_local char aligned[3] __attribute__((aligned(64)));
static int constructed;
__attribute__((constructor)) static void construct(void) { constructed = 1; }
int main(void) { errno = in_tbss; return in_tdata + aligned[0] + constructed; }
EOF
    "$guest_cc" -Wall -Werror main.c -o program
    expect_program program
    ;;
c++)
    cat >main.cpp <<'EOF'
#include <stdio.h>
struct Shape { virtual int sides() const = 0; virtual ~Shape() {} };
struct Square : Shape { int sides() const override { return 4; } };
int main() { Shape* shape = new Square; printf("%d\n", shape->sides()); delete shape; }
EOF
    "$guest_cc" -std=c++20 -Wall -Werror main.cpp -o program
    expect_program program
    ;;
netbsd-headers)
    # Every header of our own, and those of picolibc's that NetBSD has.
    here=$(cd "$(dirname "$0")" && pwd)
    headers=$(cd "$here/../../../guestos/user/include" && find . -name '*.h' | sed 's|^\./||')
    [ "$(echo "$headers" | wc -l)" -gt 50 ] || fail "only these headers: $headers"
    headers=$(printf '%s\n' $headers assert.h complex.h ctype.h fnmatch.h getopt.h inttypes.h \
        langinfo.h libgen.h limits.h locale.h malloc.h math.h regex.h search.h stdint.h \
        strings.h sys/endian.h sys/file.h sys/queue.h sys/syscall.h sys/tree.h wchar.h wctype.h | sort -u)
    # compiles LANGUAGE WHAT: the source is standard input.
    compiles() {
        "$guest_cc" -Wall -Wextra -Werror -fsyntax-only -x "$1" - 2>err ||
            fail "$2, as $1: $(grep -m 1 error err)"
    }
    for header in $headers; do
        echo "#include <$header>" | compiles c "$header alone"
        echo "#include <$header>" | compiles c++ "$header alone"
        printf '#include <%s>\n' sys/types.h "$header" | compiles c "$header after sys/types.h"
        printf '#include <%s>\n' "$header" sys/types.h | compiles c "$header before sys/types.h"
    done
    # And all of them together: each pair in both orders.
    for language in c c++; do
        printf '#include <%s>\n' $headers | compiles $language "all headers"
        printf '#include <%s>\n' $headers | sort -r | compiles $language "all headers backwards"
    done
    printf '#include <errno.h>\n#if EAGAIN != 35 || !defined(__NetBSD__) || defined(__linux__)\n#error\n#endif\n' >values.c
    "$guest_cc" -c values.c
    ;;
whole-library)
    # Every function of the library links beside all of picolibc's.
    main_c
    "$guest_cc" main.c -o program -Wl,--no-gc-sections
    expect_program program
    ;;
errors)
    main_c
    expect_error 'no input files'
    expect_error 'missing.c: no such file' missing.c -o program
    expect_error 'is a directory' . -o program
    expect_error '-o: needs a value' main.c -o
    expect_error 'are static' -shared main.c -o program
    printf 'int main(void) { return undeclared; }\n' >bad.c
    if "$guest_cc" bad.c -o program 2>err; then fail "a wrong program was compiled"; fi
    grep -q undeclared err || fail "the compiler's message is lost"
    [ ! -e program ] || fail "a wrong program left something"
    ;;
*)
    fail "no such case"
    ;;
esac
