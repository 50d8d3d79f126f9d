#!/usr/bin/env bash
# Finds or makes a Rust that is new enough and builds wasm32-unknown-unknown, and writes its name down for env.sh.
# In this order: what is there; rustup, where it reaches its server; Debian's packages with a std of our own making.
set -euo pipefail
. "$(dirname "$0")/env.sh"

wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$tokkatot_root/Cargo.toml" | head -n 1)
target=wasm32-unknown-unknown

# Is the toolchain of this name (the default one when it is empty) new enough, and has it std for the browser?
usable() {
  local name=$1 version library
  [ -z "$name" ] || local -x RUSTUP_TOOLCHAIN=$name
  version=$(rustc --version 2>/dev/null | cut -d' ' -f2) || return 1
  [ "$(printf '%s\n' "$wanted" "$version" | sort -V | head -n 1)" = "$wanted" ] || return 1
  library=$(rustc --print target-libdir --target "$target" 2>/dev/null) || return 1
  compgen -G "$library/libcore-*.rlib" >/dev/null
}

# Has it the programs that `make test` asks for?
complete() {
  [ -z "$1" ] || local -x RUSTUP_TOOLCHAIN=$1
  cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1
}

# Writes the choice down and stops here.
choose() {
  mkdir -p "$tokkatot_cache"
  printf '%s' "$1" > "$tokkatot_cache/toolchain"
  say "Rust: ${1:-$(rustc --version)}"
  exit 0
}

has_rustup() { command -v rustup >/dev/null; }

if [ -n "${RUSTUP_TOOLCHAIN:-}" ] || [ -e "$tokkatot_cache/toolchain" ]; then
  if usable "${RUSTUP_TOOLCHAIN:-}"; then exit 0; fi
fi
unset RUSTUP_TOOLCHAIN

if has_rustup; then
  active=$(rustup show active-toolchain 2>/dev/null | cut -d' ' -f1 || true)
  for name in "$active" web; do
    if [ -n "$name" ] && usable "$name" && complete "$name"; then choose "$name"; fi
  done
  say "Asking rustup for Rust $wanted with $target"
  if RUSTUP_MAX_RETRIES=0 timeout 900 rustup toolchain install "$wanted" --profile minimal --no-self-update \
      --component clippy --component rustfmt --target "$target" && usable "$wanted"; then
    choose "$wanted"
  fi
  say "rustup cannot bring it (no network to its server?): Debian's packages will do"
elif usable '' && complete ''; then
  choose ''
fi

"$tokkatot_root/scripts/debian-rust.sh"
if has_rustup; then
  # rustup's programs in ~/.cargo/bin shadow /usr/bin: give Debian's compiler a name there.
  rustup toolchain link web /usr
  usable web || fail "The toolchain 'web' (Debian's Rust) does not build $target: see the lines above."
  choose web
fi
hash -r
usable '' || fail "Debian's Rust does not build $target: see the lines above."
choose ''
