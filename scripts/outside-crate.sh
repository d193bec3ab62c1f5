#!/usr/bin/env bash
# A crate outside the workspace that depends on mass-core alone, made from what `cargo package` would publish:
# it trains for 20 steps on a CSV file of its own and reads a checkpoint back. `cargo xtask ci` runs it.
#
# Nothing is fetched. What is not of this workspace is taken as the workspace has built it: a second package
# beside the outside crate asks for the same features of the same dependencies, or Burn would be compiled anew.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
target=${CARGO_TARGET_DIR:-$root/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Every package that can be published, as published, and unpacked.
unpublished=()
for manifest in */Cargo.toml crates/*/Cargo.toml; do
    if grep -q '^publish = false' "$manifest"; then
        unpublished+=(--exclude "$(sed -n 's/^name = "\(.*\)"/\1/p' "$manifest" | head -n 1)")
    fi
done
cargo package --quiet --workspace "${unpublished[@]}" --no-verify --allow-dirty --offline --exclude-lockfile \
    --target-dir "$work/package"
mkdir "$work/unpacked"
for package in "$work"/package/package/*.crate; do
    tar --extract --gzip --file "$package" --directory "$work/unpacked"
    folder=$work/unpacked/$(basename "$package" .crate)
    for licence in LICENSE-MIT LICENSE-APACHE; do
        grep -q . "$folder/$licence" || { echo "$(basename "$package") has no $licence"; exit 1; }
    done
done

# The outside crate, and its neighbour for the features.
mkdir -p "$work/outside/src" "$work/features/src"
{
    printf '[workspace]\nresolver = "3"\nmembers = ["outside", "features"]\n\n[patch.crates-io]\n'
    for folder in "$work"/unpacked/*; do
        printf '%s = { path = "%s" }\n' "$(basename "$folder" | sed 's/-[0-9][^-]*$//')" "$folder"
    done
    printf '\n'
    # What this workspace depends on, and how it compiles.
    sed -n '/^\[workspace\.dependencies\]/,/^\[workspace\.lints/p' Cargo.toml | grep -vE '^\[workspace\.lints|path = '
    sed -n '/^\[profile/,$p' Cargo.toml
} >"$work/Cargo.toml"
# Every package of the workspace's build with its features, `serde_json v1.0.154|alloc,default,std`.
resolved() {
    cargo tree --quiet --offline --workspace --prefix none -f '{p}|{f}' "$@" |
        sed -e 's/ (\*)$//' -e 's/ (proc-macro)//' | sort -u
}
resolved -e normal,build,dev >"$work/resolved"
resolved -e normal,build,dev --depth 1 >"$work/direct"
{
    printf '[package]\nname = "features"\nedition = "2024"\n\n[dependencies]\n'
    sed -n '/^\[workspace\.dependencies\]/,/^\[workspace\.lints/p' Cargo.toml | grep -vE 'path = ' |
        sed -n 's/^\([a-z0-9_-]*\) = .*/\1/p' | while read -r name; do
        # With the features that all of the workspace asks for, not those alone that stand here.
        features=$(sed -n "s/^$name v[^|]*|//p" "$work/direct" | tr ',' '\n' | sort -u | sed -n 's/..*/"&"/p' | paste -s -d ,)
        printf '%s = { workspace = true, features = [%s] }\n' "$name" "$features"
    done
    # Those that xtask names for their features alone.
    sed -n '/^\[dependencies\]/,/^\[lints/p' xtask/Cargo.toml | grep -E '^[a-z0-9_-]+ = ' | grep -vE '^mass-|path = '
} >"$work/features/Cargo.toml"
touch "$work/features/src/lib.rs"
cat >"$work/outside/Cargo.toml" <<'TOML'
[package]
name = "outside"
edition = "2024"

[dependencies]
mass-core = "0.1.0"
TOML
cat >"$work/outside/src/main.rs" <<'RUST'
//! Trains on states of its own and reads the checkpoint back.

use mass_core::{Recipe, Run, Trainer, TrainingSystem, WeightsKind, systems::Dataset};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A spring, ẏ = −x, at 200 states.
    let mut csv = String::from("x,y,ydot\n");
    for i in 0..200 {
        let (x, y) = ((0.37 * f64::from(i)).sin(), (0.23 * f64::from(i)).cos());
        csv.push_str(&format!("{x},{y},{}\n", -x));
    }
    std::fs::write("spring.csv", csv)?;

    let data = Dataset::read("spring.csv")?;
    let system = TrainingSystem::measured("spring", &data, 0.8, 0)?;
    let mut recipe = Recipe::reference().with_steps(10); // 10 of each phase
    recipe.data.batch = 64;
    let outcome = Trainer::new(recipe, vec![system], 0..2).directory("run").run()?;
    assert_eq!(outcome.completed, 20);

    let run = Run::open("run")?;
    let model = run.model(WeightsKind::Raw, &mass_core::DeviceKind::Flex.open()?)?;
    let numbers = |model: &mass_core::MassModel| -> Vec<f64> {
        let tensors = model.tensors().into_iter();
        tensors.flat_map(|tensor| tensor.into_data().iter::<f64>().collect::<Vec<_>>()).collect()
    };
    assert_eq!(numbers(&model), numbers(&outcome.raw));
    println!("trained for 20 steps and read back: {} numbers", numbers(&model).len());
    Ok(())
}
RUST
cp Cargo.lock "$work/Cargo.lock"
cd "$work"
# Or Burn is compiled anew, for a quarter of an hour, and nobody sees why.
others=$(resolved -e normal,build | grep -vE '^(mass-|outside |features )' | comm -23 - resolved)
if [ -n "$others" ]; then
    printf 'the outside crate asks for other features than the workspace has built:\n%s\n' "$others"
    exit 1
fi
CARGO_TARGET_DIR=$target cargo build --quiet --offline --package outside --package features
"$target/debug/outside"
