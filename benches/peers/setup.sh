#!/usr/bin/env bash
# Makes `.peers` at the repository root: a virtual environment with PyTorch and JAX for the processor only.
# Idempotent: a finished environment of the same requirements is left as it is.
#
# PyPI's Linux wheel of torch is the GPU build. Its `libtorch_cuda.so` names a dozen GPU libraries, and the
# loader must find a file of each name, but with lazy binding none of their functions is looked up before it is
# called, and here none ever is. So every name gets a link to a library that is there anyway, and a `.pth` file
# turns lazy binding on for this environment. Of the 2.7 GB that pip would fetch by itself, 2.2 GB stay away.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
venv="$root/.peers"
python="${PYTHON:-python3}"
stamp="$venv/peers.stamp"
wanted="$(cat "$here/requirements.txt" "${BASH_SOURCE[0]}" | cksum)"

if [[ -f "$stamp" && "$(cat "$stamp")" == "$wanted" ]]; then
    echo "$venv is ready"
    exit 0
fi

"$python" - <<'PY'
import sys
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(f"Python 3.11 to 3.13 is needed, this is {sys.version.split()[0]}: set PYTHON to another interpreter")
PY

rm -rf "$venv"
"$python" -m venv "$venv" || {
    echo "could not make a virtual environment; on Debian: apt-get install python3-venv" >&2
    exit 1
}
"$venv/bin/python" -m pip install --quiet --no-deps --requirement "$here/requirements.txt"

if [[ "$(uname -s)" == Linux ]]; then
    site="$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')"
    echo 'import os, sys; sys.setdlopenflags(os.RTLD_LAZY)' >"$site/lazy_binding.pth"
    for name in libcublas.so.13 libcublasLt.so.13 libcudnn.so.9 libcufft.so.12 libcufile.so.0 libcupti.so.13 \
        libcurand.so.10 libcusolver.so.12 libcusparse.so.12 libcusparseLt.so.0 libnccl.so.2 libnvrtc.so.13 \
        libnvshmem_host.so.3; do
        ln -sf libc10.so "$site/torch/lib/$name"
    done
fi

"$venv/bin/python" - <<'PY'
import torch

x = torch.tensor([[2.0]], dtype=torch.float64, requires_grad=True)
(slope,) = torch.autograd.grad(torch.linalg.pinv(x).sum(), x)
assert abs(slope.item() + 0.25) < 1e-12, slope
print(f"torch {torch.__version__} imports and differentiates on the processor")
PY
JAX_PLATFORMS=cpu "$venv/bin/python" - <<'PY'
import jax
import jax.numpy as jnp
import optax

(slope,) = jax.jit(jax.grad(lambda x: (1 / x).sum()))(jnp.array([2.0]))
assert abs(slope + 0.25) < 1e-6, slope
print(f"jax {jax.__version__} and optax {optax.__version__} import and differentiate on the processor")
PY
echo "$wanted" >"$stamp"
echo "$venv is ready"
