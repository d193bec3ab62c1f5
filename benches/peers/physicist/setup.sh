#!/usr/bin/env bash
# Makes `.peers-physicist` at the repository root: PyPARC and what it computes with, at pinned versions.
# A finished environment of the same requirements is left as it is.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# Without what pyparc asks for beside these: a solver of integer programs, polyhedra and pictures.
"$here/../venv.sh" .peers-physicist "$here/requirements.txt" --no-deps
