#!/usr/bin/env bash
# npm's packages of end2end/ exactly as its lock file names them: Playwright, and what the web build uses.
set -euo pipefail
. "$(dirname "$0")/env.sh"

cd "$tokkatot_root/end2end"
stamp=node_modules/.installed-for
version=$(sha256sum package.json package-lock.json | sha256sum | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null)" = "$version" ]; then exit 0; fi

say "Installing npm packages (Playwright, esbuild, wasm-opt, Node.js 22)"
# Chromium is Debian's: Playwright must not fetch one.
PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-fund --no-audit --loglevel=error
[ -x node_modules/node/bin/node ] || fail "npm did not bring Node.js 22: end2end/node_modules/node/bin/node is missing."
printf '%s' "$version" > "$stamp"
