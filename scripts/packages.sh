#!/usr/bin/env bash
# Installs the Debian packages that are missing, and no service of theirs is started or configured.
# Usage: packages.sh            what building, running and testing need
#        packages.sh NAME...    these as well (toolchain.sh asks for Debian's Rust so)
set -euo pipefail
. "$(dirname "$0")/env.sh"

wanted=(ca-certificates gcc libc6-dev pkg-config postgresql redis-server mosquitto mosquitto-clients python3 chromium)
# Any npm will do: the packages bring a newer Node.js for the rest.
command -v node >/dev/null && command -v npm >/dev/null || wanted+=(nodejs npm)
wanted+=("$@")

installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^ii  *//p' || true)
missing=()
for package in "${wanted[@]}"; do
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || fail "This machine has no apt-get. Install by hand: ${missing[*]}"
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    say "Asking sudo to install: ${missing[*]}"
    exec sudo "$0" "$@"
  fi
  fail "Missing packages. As root, once: apt-get install --no-install-recommends ${missing[*]}
Then stop what Debian started by itself, if you do not want it: systemctl disable --now postgresql redis-server mosquitto"
fi

export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -q -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$@"; }

# A package's installation asks policy-rc.d whether it may start its service: 101 means no.
policy=/usr/sbin/policy-rc.d clusters=/etc/postgresql-common/createcluster.conf made_policy='' kept_clusters=''
restore() {
  if [ -n "$made_policy" ]; then rm -f "$policy"; fi
  if [ -n "$kept_clusters" ]; then mv -f "$kept_clusters" "$clusters"; fi
}
trap restore EXIT
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
  made_policy=yes
fi

say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
apt update
# PostgreSQL's package would make a cluster of its own: postgresql-common is told not to, before the server comes.
if printf '%s\n' "${missing[@]}" | grep -qx postgresql; then
  apt install -y --no-install-recommends postgresql-common
  kept_clusters=$(mktemp "$clusters.XXXXXX")
  cp -p "$clusters" "$kept_clusters"
  sed -i 's/^#* *create_main_cluster.*/create_main_cluster = false/' "$clusters"
fi
apt install -y --no-install-recommends "${missing[@]}"
say "Packages are installed; no service was started."
