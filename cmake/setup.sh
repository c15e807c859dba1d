#!/bin/bash
# cmake/setup.sh run|test : makes this machine able to build, then builds.
#
#   run    what `forkscope run` needs: the program, the guest kernel and the initrd
#   test   all targets, and the packages that only the tests use
#
# Debian packages come from the machine's own release. What Debian 12 has too
# old is fetched by apt with private state from a newer suite of the mirror that
# the machine already uses, and unpacked into .deps/root. Where everything is
# there already, nothing is fetched and the network is not touched.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { echo "forkscope: $*" >&2; }
die() { say "$*"; exit 1; }

purpose=${1:?usage: cmake/setup.sh run|test}
case $purpose in
  run) targets=(forkscope guest) ;;
  test) targets=(all) ;;
  *) die "usage: cmake/setup.sh run|test" ;;
esac

packages=(g++ cmake ninja-build libfdt-dev nlohmann-json3-dev libcli11-dev
          g++-aarch64-linux-gnu picolibc-aarch64-linux-gnu
          libsdl2-dev libstb-dev libpng-dev fonts-dejavu-core)
newer=() # package/suite, unpacked into .deps/root
. /etc/os-release
case $ID-${VERSION_ID:-} in
  debian-12)
    newer=(libunicorn2t64/trixie libunicorn-dev/trixie libcapstone5/trixie
           libcapstone-dev/trixie libimgui-dev/trixie
           libcatch2-dev/bookworm-backports) ;;
  debian-13)
    packages+=(libunicorn-dev libcapstone-dev libimgui-dev libcatch2-dev) ;;
  *)
    packages=()
    say "this is not Debian 12 or 13: nothing is installed, see docs/dependencies.md" ;;
esac
if [ ${#packages[@]} -gt 0 ] && [ "$purpose" = test ]; then
  packages+=(qemu-system-arm llvm device-tree-compiler cpio libglib2.0-dev pkg-config xz-utils
             xvfb xdotool)
fi

# Prints those of the packages given that are not installed.
missing_packages() {
  local have
  have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
         sed -n 's/^installed //p' || true)
  local package
  for package in "$@"; do
    grep -qxF -- "$package" <<<"$have" || echo "$package"
  done
}

# Runs a command as root, keeping the proxy settings that sudo would drop.
as_root() {
  local environment=(DEBIAN_FRONTEND=noninteractive)
  local name
  for name in http_proxy https_proxy no_proxy; do
    if [ -n "${!name:-}" ]; then environment+=("$name=${!name}"); fi
  done
  if [ "$(id -u)" = 0 ]; then
    env "${environment[@]}" "$@"
  else
    sudo env "${environment[@]}" "$@"
  fi
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    die "needs root or sudo once, to install: ${missing[*]}"
  fi
  say "installing Debian packages: ${missing[*]}"
  as_root apt-get -qq -o DPkg::Lock::Timeout=300 update ||
    say "apt-get update failed; trying with the lists that are there"
  as_root apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    install --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt-get could not install: ${missing[*]}"
}

# Prints the address of the mirror from which this machine gets its release. apt
# itself reads the sources, so every format and option it knows is understood.
mirror() {
  local address
  address=$(apt-get update --print-uris |
            sed -nE "s#^'(.*)/dists/($VERSION_CODENAME|oldoldstable|oldstable|stable)/InRelease'.*#\1#p" |
            head -n 1)
  [ -n "$address" ] || die "no source of Debian $VERSION_CODENAME in the machine's apt sources"
  echo "$address"
}

# Writes the configuration of a private apt in directory $1 for packages $2...
# It goes on top of the machine's own (proxies, certificates), takes no sources
# or pins from it, and runs none of its hooks. Downloads are made by the caller,
# not by apt's own user, who may not be able to read this tree.
write_private_apt() {
  local apt=$1 site keyring=/usr/share/keyrings/debian-archive-keyring.gpg signed=""
  shift
  site=$(mirror)
  if [ -e "$keyring" ]; then signed="[signed-by=$keyring] "; fi
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  printf '%s\n' "${@##*/}" | sort -u | sed "s#.*#deb $signed$site & main#" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt/cache";
Acquire::Languages "none";
APT::Sandbox::User "$(id -un)";
END
}

# Makes .deps/root hold exactly the packages given, each as package/suite.
unpack_newer() {
  local stamp=.deps/root/.packages
  local wanted="${*:-}"
  if [ -n "$wanted" ]; then wanted="$ID $VERSION_ID $(dpkg --print-architecture): $wanted"; fi
  if [ "$wanted" = "$(cat $stamp 2>/dev/null)" ]; then return; fi
  rm -f build/CMakeCache.txt
  if [ $# -eq 0 ]; then rm -rf .deps/root; return; fi

  local names=("${@%%/*}")
  say "fetching into .deps, which Debian $VERSION_ID has too old: ${names[*]}"
  local apt=$PWD/.deps/apt
  rm -rf "$apt" .deps/root.new
  mkdir -p .deps/root.new
  write_private_apt "$apt" "$@"
  apt-get -qq -c "$apt/apt.conf" update || die "apt could not read $(sort -u "$apt/sources.list" | tr '\n' ' ')"
  (cd "$apt/cache/archives" && apt-get -qq -c "$apt/apt.conf" download "$@") ||
    die "apt could not download: $*"
  local file
  for file in "$apt"/cache/archives/*.deb; do
    dpkg-deb -x "$file" .deps/root.new
  done
  echo "$wanted" >.deps/root.new/.packages
  rm -rf .deps/root "$apt.old"
  mv .deps/root.new .deps/root
  rm -rf "$apt"
}

# Configures once and builds. Says nothing when there is nothing to do; a first
# build shows its progress on a terminal.
build() {
  local quiet=1
  if [ ! -e build/build.ninja ] || [ ! -e build/CMakeCache.txt ]; then
    say "configuring and building in build/ (a few minutes the first time)"
    rm -rf build/CMakeFiles
    cmake -S . -B build -G Ninja >build/configure.log 2>&1 ||
      { cat build/configure.log >&2; die "cmake failed"; }
    if [ -t 2 ]; then quiet=0; fi
  fi
  if [ $quiet = 0 ]; then
    ninja -C build "${targets[@]}" >&2 || die "the build failed"
  else
    ninja -C build --quiet "${targets[@]}" 2>&1 |
      { grep -vE '^(\[[0-9]+/[0-9]+\] |-- |ninja: no work to do)' >&2 || true; } || die "the build failed"
  fi
}

if [ ${#packages[@]} -gt 0 ]; then
  install_packages "${packages[@]}"
fi
mkdir -p build
exec 9>build/.setup.lock
flock 9
if [ ${#packages[@]} -gt 0 ]; then
  unpack_newer ${newer[@]+"${newer[@]}"}
fi
build
