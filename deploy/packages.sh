#!/usr/bin/env bash
# Installs Debian packages that are missing. Sourced by start.sh and test.sh.

say() { printf '==> %s\n' "$*"; }

# need_packages WHY PACKAGE...: nothing happens when all of them are there.
need_packages() {
  local why=$1 missing=()
  shift
  local package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
      say "Installing for $why (with sudo): ${missing[*]}"
      sudo -n apt-get update -qq && sudo -n apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
      return
    fi
    echo "These packages are missing ($why): ${missing[*]}" >&2
    echo "You are not root, so run this once and start again:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    return 1
  fi
  say "Installing for $why: ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

need_swift() {
  command -v swift >/dev/null 2>&1 && return 0
  echo "Swift 6.2 or newer is needed and was not found in PATH; see https://www.swift.org/install/linux/" >&2
  return 1
}

BUILD_PACKAGES=(libsqlite3-dev pkg-config ca-certificates)
RUN_PACKAGES=(git openssh-client bubblewrap ripgrep universal-ctags util-linux)
