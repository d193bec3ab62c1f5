//! Finds which Burn was resolved, for the records of runs: a crate cannot ask for another's version.

use std::{env, fs, path::Path};

/// What the manifest asks for, where no lock file says more.
const ASKED_FOR: &str = "0.22";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = resolved().unwrap_or_else(|| ASKED_FOR.to_string());
    println!("cargo::rustc-env=MASS_BURN_VERSION={version}");
}

/// From the nearest `Cargo.lock` above where this is built, which is that of whoever builds it.
fn resolved() -> Option<String> {
    let out = env::var_os("OUT_DIR")?;
    let own = env::var_os("CARGO_MANIFEST_DIR")?;
    let above = |path| {
        Path::new(path)
            .ancestors()
            .map(|folder| folder.join("Cargo.lock"))
    };
    let lock = above(&out).chain(above(&own)).find(|lock| lock.is_file())?;
    println!("cargo::rerun-if-changed={}", lock.display());
    let text = fs::read_to_string(lock).ok()?;
    let (_, package) = text.split_once("name = \"burn\"")?;
    let (_, version) = package.split_once("version = \"")?;
    Some(version.split_once('"')?.0.to_string())
}
