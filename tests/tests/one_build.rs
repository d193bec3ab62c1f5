//! Burn is built once, and so is each of our crates: `cargo xtask`, `cargo mass` and `cargo test --workspace` ask for the
//! same features of them and of everything beneath Burn (docs/design.md). Otherwise each compiles what differs by itself,
//! ten minutes on two cores for Burn, and tests are of another program than the one that is installed.

use std::{collections::BTreeSet, process::Command};

/// What cargo resolves for these packages: name, version and features of each, `syn v2.0.119 full,parsing`.
fn resolved(packages: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--prefix", "none", "-f", "{p} {f}"])
        .args(packages)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{error}");
    let text = String::from_utf8(output.stdout).unwrap();
    let plain = |line: &str| line.replace(" (*)", "").replace(" (proc-macro)", "");
    text.lines().map(plain).collect()
}

/// Name and version.
fn package(line: &str) -> String {
    line.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

#[test]
fn all_commands_share_one_build() {
    let burn = resolved(&["-p", "burn", "-e", "normal,build"]);
    let beneath: BTreeSet<String> = burn.iter().map(|line| package(line)).collect();
    assert!(beneath.len() > 100 && beneath.iter().any(|one| one.starts_with("burn-autodiff ")));
    let shared = |line: &str| line.starts_with("mass-") || beneath.contains(&package(line));
    let whole = resolved(&["--workspace", "-e", "normal,build,dev"]);
    for command in ["xtask", "mass-cli"] {
        let own = resolved(&["-p", command, "-e", "normal,build"]);
        let other: Vec<&String> = own
            .iter()
            .filter(|line| shared(line) && !whole.contains(*line))
            .collect();
        assert!(
            other.is_empty(),
            "{command} asks for other features than the tests do, so that they are compiled twice: {other:?}; name what \
             asks for the features that are missing in its Cargo.toml, as `either` is there"
        );
    }
}
