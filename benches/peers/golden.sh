#!/usr/bin/env bash
# Makes the golden files that crates/mass-core/tests/all/reference_steps.rs compares with: exports the
# initial weights, states and batches from Rust, then trains on them in PyTorch.
set -euo pipefail
cd "$(dirname "$0")/../.."
golden=crates/mass-core/tests/golden
cases=$(mktemp -d)
trap 'rm -rf "$cases"' EXIT
benches/peers/setup.sh
for case in f64:classical f32:classical f64:classical,pendulum; do
    precision=${case%%:*} systems=${case##*:}
    name=$precision-${systems//,/-}
    cargo xtask bench case \
        "$golden/recipe-$precision.toml" "$systems" "$cases/$name.safetensors"
    .peers/bin/python benches/peers/reference_step.py \
        --input "$cases/$name.safetensors" --output "$golden/$name.json"
done
