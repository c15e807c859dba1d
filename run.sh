#!/bin/bash
# Installs what is missing, builds what has changed, and runs `forkscope run`
# with the arguments given.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$root/cmake/setup.sh" run
exec "$root/build/forkscope" run "$@"
