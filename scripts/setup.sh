#!/usr/bin/env bash
# A bare Debian 12 becomes one that can build, run and test: packages, then Rust, then npm's packages.
# Each step looks first and does only what is missing, so a second run takes about a second.
set -euo pipefail
. "$(dirname "$0")/env.sh"

"$tokkatot_root/scripts/packages.sh"
"$tokkatot_root/scripts/toolchain.sh"
"$tokkatot_root/scripts/node-packages.sh"
