#!/usr/bin/env bash
# Debian's Rust for the host, and std for wasm32-unknown-unknown built from its sources (Debian packages none). Root.
set -euo pipefail
. "$(dirname "$0")/env.sh"

target=wasm32-unknown-unknown
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then exec sudo "$0"; fi
  fail "Rust is missing or too old. Either install rustup and run again, or once as root: $0"
fi

"$tokkatot_root/scripts/packages.sh" rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web lld-22

rustc=/usr/bin/rustc
library=$($rustc --print target-libdir --target "$target")
programs=$(dirname "$($rustc --print target-libdir)")/bin
install -d "$library" "$programs"
# rustc looks for rust-lld beside its own libraries.
ln -sfn "$(command -v lld-22)" "$programs/rust-lld"

stamp=$library/.built-for
version=$($rustc -vV | tr '\n' ' ')
[ "$(cat "$stamp" 2>/dev/null)" != "$version" ] || exit 0

say "Building Rust's standard library for the browser (once, about two minutes)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/src"
: > "$work/src/lib.rs"
printf '[package]\nname = "sysroot"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n' > "$work/Cargo.toml"
# embed-bitcode: the release build of the browser's half uses fat link-time optimisation, std included.
(
  cd "$work"
  env -u RUSTUP_TOOLCHAIN -u CARGO_ENCODED_RUSTFLAGS \
    RUSTC=$rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS='-C embed-bitcode=yes' CARGO_TARGET_DIR="$work/target" \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
    /usr/bin/cargo build --release --target "$target" -Z build-std=std,panic_abort,test,proc_macro
)
rm -f "$library"/*.rlib
find "$work/target/$target/release/deps" -name 'lib*.rlib' ! -name 'libsysroot-*' -exec cp -t "$library" {} +
printf '%s' "$version" > "$stamp"
