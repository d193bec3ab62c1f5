#!/usr/bin/env bash
# Makes `.peers-data` at the repository root: PySINDy, Operon and JAX for the processor, at pinned versions.
# A finished environment of the same requirements is left as it is.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
venv="$(cd "$here/../../.." && pwd)/.peers-data"
stamp="$venv/peers.stamp"
wanted="$(cksum <"$here/requirements.txt")"

if [[ -f "$stamp" && "$(cat "$stamp")" == "$wanted" ]]; then
    echo "$venv is ready"
    exit 0
fi
rm -rf "$venv"
"${PYTHON:-python3}" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --requirement "$here/requirements.txt"
"$venv/bin/python" -m pip check
echo "$wanted" >"$stamp"
echo "$venv is ready"
