#!/usr/bin/env bash
# Makes a Python environment at the repository root: `venv.sh NAME REQUIREMENTS [FLAG OF PIP..]`. A finished one of the
# same requirements is left as it is.
set -euo pipefail

venv="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/$1"
requirements="$2"
shift 2
stamp="$venv/peers.stamp"
wanted="$(cksum <"$requirements")"

if [[ -f "$stamp" && "$(cat "$stamp")" == "$wanted" ]]; then
    echo "$venv is ready"
    exit 0
fi
rm -rf "$venv"
"${PYTHON:-python3}" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet "$@" --requirement "$requirements"
echo "$wanted" >"$stamp"
echo "$venv is ready"
