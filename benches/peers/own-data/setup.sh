#!/usr/bin/env bash
# Makes `.peers-data` at the repository root: PySINDy, Operon and JAX for the processor, at pinned versions.
# A finished environment of the same requirements is left as it is.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
"$here/../venv.sh" .peers-data "$here/requirements.txt"
"$here/../../../.peers-data/bin/python" -m pip check
