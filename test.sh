#!/bin/bash
# Installs what is missing, builds everything, and runs the test suite through
# CTest; arguments go to ctest. The long tests, label `soak`, run only when asked
# for: ./test.sh -L soak
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$root/cmake/setup.sh" test
if [ $# -eq 0 ]; then
  set -- --label-exclude soak
fi
# Runs of the tests open no windows on the user's screen.
unset DISPLAY WAYLAND_DISPLAY
exec ctest --test-dir "$root/build" --output-on-failure --parallel "$(nproc)" "$@"
