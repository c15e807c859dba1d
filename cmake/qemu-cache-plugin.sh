#!/bin/bash
# usage: qemu-cache-plugin.sh FOLDER
# Builds QEMU's contrib/plugins/cache.c as FOLDER/libcache.so: the judge of the
# cache model. The packages of QEMU leave it out, so it comes from the source
# package of the machine's own Debian release, by a private apt that changes
# nothing of the system's. Only the plugin is kept, and it is no part of
# forkscope. The last line of output says what went wrong.
set -euo pipefail
folder=${1:?usage: qemu-cache-plugin.sh FOLDER}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
die() { echo "$*" >&2; exit 1; }
for tool in cc pkg-config tar xz; do
  command -v $tool >/dev/null || die "$tool is not installed"
done
pkg-config --exists glib-2.0 || die "libglib2.0-dev is not installed"

. /etc/os-release
work=$folder/qemu-source
rm -rf "$work"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
trap 'rm -rf "$work"' EXIT
site=$(apt-get update --print-uris |
       sed -nE "s#^'(.*)/dists/($VERSION_CODENAME|oldoldstable|oldstable|stable)/InRelease'.*#\1#p" |
       head -n 1)
[ -n "$site" ] || die "no source of Debian $VERSION_CODENAME in the machine's apt sources"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb-src $([ ! -e $keyring ] || echo "[signed-by=$keyring] ")$site $VERSION_CODENAME main" \
  >"$work/sources.list"
cat >"$work/apt.conf" <<END
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::Lists "$work/lists";
Dir::Cache "$work/cache";
Acquire::Languages "none";
APT::Sandbox::User "$(id -un)";
END
cd "$work"
apt-get -qq -c apt.conf update >log 2>&1 || die "apt could not read $site: $(tail -n 1 log)"
apt-get -qq -c apt.conf source --download-only qemu >log 2>&1 ||
  die "apt could not download QEMU's source: $(tail -n 1 log)"
tar -xf qemu_*.orig.tar.xz --wildcards --strip-components=1 \
  '*/contrib/plugins/cache.c' '*/include/qemu/qemu-plugin.h'
header=$(dirname "$(find . -name qemu-plugin.h | head -n 1)")
cc -O2 -fPIC -shared -I"$header" $(pkg-config --cflags glib-2.0) contrib/plugins/cache.c \
  -o "$folder/libcache.so" 2>log || die "the plugin does not compile: $(head -n 1 log)"
