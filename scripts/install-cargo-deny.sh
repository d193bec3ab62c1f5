#!/usr/bin/env bash
# Installs cargo-deny, which checks licences, duplicates and sources of all dependencies
# (`cargo xtask ci` runs it where it is installed); does nothing if it is there. From source: about ten
# minutes on two cores.
set -euo pipefail
version=0.20.2
if cargo deny --version 2>/dev/null | grep -F "$version" >/dev/null; then
    echo "cargo-deny $version is installed"
    exit 0
fi
cargo install --locked "cargo-deny@$version"
