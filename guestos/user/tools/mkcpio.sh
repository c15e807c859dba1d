#!/bin/sh
# mkcpio.sh MANIFEST: writes a newc cpio archive (cpio(5)) to standard output.
#
# A line of the manifest is `dir PATH MODE` or `file PATH MODE SOURCE`, with
# paths that don't begin with a slash and modes in octal. Owner, times and
# device are zero and inode numbers count from 1, so that equal input gives
# equal bytes on every machine.
set -eu
LC_ALL=C
export LC_ALL

inode=0

pad() { # BYTES: zeros up to a multiple of four
    rest=$((($1 + 3) / 4 * 4 - $1))
    [ $rest -eq 0 ] || head -c $rest /dev/zero
}

entry() { # PATH MODE LINKS SIZE
    inode=$((inode + 1))
    length=$((${#1} + 1))
    printf '070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\0' \
        $inode $(($2)) 0 0 "$3" 0 "$4" 0 0 0 0 $length 0 "$1"
    pad $((110 + length))
}

while read -r kind path mode source; do
    case $kind in
    dir) entry "$path" "0040000 | 0$mode" 2 0 ;;
    file)
        size=$(($(wc -c <"$source")))
        entry "$path" "0100000 | 0$mode" 1 $size
        cat "$source"
        pad $size
        ;;
    '' | '#') ;;
    *)
        echo "mkcpio: $1: '$kind' is neither dir nor file" >&2
        exit 1
        ;;
    esac
done <"$1"
inode=-1
entry TRAILER!!! 0 1 0
