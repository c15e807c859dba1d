#!/bin/bash
# usage: man_page.sh BUILD_DIR PAGE.md
# The program of a manual page (its block of C) compiles without a warning and
# prints what the page says (the block after it).
. "$(dirname "${BASH_SOURCE[0]}")/../guest/common.sh"

awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$2" >"$scratch/program.c"
awk '/^```c$/ { c = 1 } /^```$/ { c += c > 0; next } c == 3' "$2" >"$scratch/expected"
at_least_lines 10 "$scratch/program.c"
at_least_lines 1 "$scratch/expected"
"$build/guest-cc" -O2 -Wall -Wextra -Werror "$scratch/program.c" -o "$scratch/program"
forkscope_run page "" --max-cycles 5000000000 --program "$scratch/program"
tr -d '\r' <"$scratch/page.console" | sed 1,2d >"$scratch/printed"
same "what the page says and what its program prints" "$scratch/expected" "$scratch/printed"
