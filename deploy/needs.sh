#!/bin/sh
# Makes sure that what a target needs is there: installs it on Debian as root, otherwise says what to install.
set -eu

has() { command -v "$1" >/dev/null 2>&1; }

missing=""
for need in "$@"; do
  if ! has "$need" || { [ "$need" = node ] && ! has npm; }; then missing="$missing $need"; fi
done
[ -z "$missing" ] && exit 0

case "$missing" in
  *cargo*)
    echo "Rust is missing: install it with rustup (https://rustup.rs), then run this again." >&2
    exit 1
    ;;
esac

packages=""
for need in $missing; do
  case "$need" in
    cc) packages="$packages build-essential" ;;
    # Debian 12's Node 18 builds the faces; their own tests want 20.14 or later.
    node) packages="$packages nodejs npm" ;;
    chromium) packages="$packages chromium" ;;
    *) packages="$packages $need" ;;
  esac
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq
  # shellcheck disable=SC2086 -- a list of packages
  apt-get install -y -qq $packages
else
  echo "Missing:$missing. Install it (on Debian: apt-get install$packages), then run this again." >&2
  exit 1
fi
