#!/usr/bin/env bash
# Installs a Vulkan loader and Mesa's software rasteriser (lavapipe) on Debian or Ubuntu, so that the
# wgpu device works on a machine without a GPU. Needs root; does nothing if they are there.
set -euo pipefail
if ldconfig -p | grep 'libvulkan\.so\.1' >/dev/null && compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json' >/dev/null; then
    echo "Vulkan loader and lavapipe are installed"
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends libvulkan1 mesa-vulkan-drivers
