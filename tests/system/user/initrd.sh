#!/bin/sh
# initrd.sh MKCPIO INITRD MANIFEST: the archive is what cpio reads, and made anew
# it is the same, byte for byte.
set -eu
mkcpio=$1
initrd=$2
manifest=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$mkcpio" "$manifest" >"$work/again.cpio"
cmp "$initrd" "$work/again.cpio"
cd "$work"
cpio --quiet -it <"$initrd" >names
for name in sbin/init bin/sh bin/fork-demo bin/selftest bin/bench-fork bin/bench-compute etc/rc tmp; do
    grep -qx "$name" names || { echo "initrd: $name is missing" >&2; exit 1; }
done
cpio --quiet -idm --no-absolute-filenames <"$initrd"
while read -r kind path mode source; do
    [ "$(stat -c %a "$path")" = "$mode" ] || { echo "initrd: $path: wrong mode" >&2; exit 1; }
    [ "$kind" = dir ] || cmp "$path" "$source"
done <"$manifest"
