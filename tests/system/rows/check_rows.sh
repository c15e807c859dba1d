#!/bin/bash
# usage: check_rows.sh BUILD_DIR TABLE
# Prints the rows of the table that no test is named after, and fails if there
# are any. Tests are CTest's: row.E4, row.E4.rows_x, or a test case that has the
# identifier as a word in its name.
set -euo pipefail

tests=$(ctest --test-dir "$1" -N | sed -n 's/^ *Test *#[0-9]*: //p')
rows=$(sed -nE 's/^\| *([EFVTMN][0-9]+)†? *\|.*/\1/p' "$2" | sort -u -V)
[ -n "$rows" ] || { echo "no rows in $2" >&2; exit 1; }
missing=()
for row in $rows; do
  grep -qE "(^|[^A-Za-z0-9])$row([^A-Za-z0-9]|$)" <<<"$tests" || missing+=("$row")
done
echo "$(wc -w <<<"$rows") rows, ${#missing[@]} without a test"
[ ${#missing[@]} -eq 0 ] || { echo "${missing[@]}"; exit 1; }
