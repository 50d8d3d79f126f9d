# Sourced by make and by the other scripts: which Rust builds, and where to. Changes nothing on the machine.
# shellcheck shell=bash

tokkatot_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tokkatot_cache=${XDG_CACHE_HOME:-$HOME/.cache}/tokkatot

# Third-party crates are compiled once and outlive a clean checkout.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$tokkatot_cache/target}

# scripts/toolchain.sh writes down which toolchain it found or made. Without rustup the variable has no effect.
if [ -z "${RUSTUP_TOOLCHAIN:-}" ] && [ -s "$tokkatot_cache/toolchain" ]; then
  RUSTUP_TOOLCHAIN=$(cat "$tokkatot_cache/toolchain")
  export RUSTUP_TOOLCHAIN
fi

# lld links a little faster. Always or never in one target folder: another flag means another build of everything.
if [ -x /usr/lib/llvm-22/bin/ld.lld ]; then
  export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C link-arg=-fuse-ld=lld -C link-arg=-B/usr/lib/llvm-22/bin"
  export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS=$CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS
fi

# A new Node.js comes with the npm packages; the daemons are in sbin; rustup's programs go before Debian's.
for folder in /usr/sbin "$HOME/.cargo/bin" "$tokkatot_root/end2end/node_modules/node/bin"; do
  case ":$PATH:" in *":$folder:"*) ;; *) [ -d "$folder" ] && PATH=$folder:$PATH ;; esac
done
export PATH

# One line of progress, and one of failure that tells the way out.
say() { printf '\033[1m[%s]\033[0m %s\n' "$(basename "$0" .sh)" "$*"; }
fail() { printf '[%s] %s\n' "$(basename "$0" .sh)" "$*" >&2; exit 1; }
