#!/usr/bin/env bash
# Makes `.peers-physicist` at the repository root: PyPARC and what it computes with, at pinned versions.
# A finished environment of the same requirements is left as it is.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
venv="$(cd "$here/../../.." && pwd)/.peers-physicist"
stamp="$venv/peers.stamp"
wanted="$(cksum <"$here/requirements.txt")"

if [[ -f "$stamp" && "$(cat "$stamp")" == "$wanted" ]]; then
    echo "$venv is ready"
    exit 0
fi
rm -rf "$venv"
"${PYTHON:-python3}" -m venv "$venv"
# Without what pyparc asks for beside these: a solver of integer programs, polyhedra and pictures.
"$venv/bin/python" -m pip install --quiet --no-deps --requirement "$here/requirements.txt"
echo "$wanted" >"$stamp"
echo "$venv is ready"
