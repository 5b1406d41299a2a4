#!/bin/sh
# Makes sure that what a target needs is there: installs it on Debian as root, otherwise says what to install.
set -eu

missing=""
for need in "$@"; do
  command -v "$need" >/dev/null 2>&1 || missing="$missing $need"
done
[ -z "$missing" ] && exit 0

case "$missing" in
  *cargo*)
    echo "Rust is missing: install it with rustup (https://rustup.rs), then run this again." >&2
    exit 1
    ;;
esac

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq
  apt-get install -y -qq build-essential
else
  echo "A C compiler is missing: install it (on Debian: apt-get install build-essential), then run this again." >&2
  exit 1
fi
