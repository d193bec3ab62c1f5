//! Everything that gates a change, cheapest first. `.ci/run` and a developer call the same thing.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, bail};
use clap::Args;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Also build the ndarray and wgpu devices and run the device suite on them; wgpu needs a
    /// Vulkan driver, which `scripts/install-vulkan.sh` installs in software.
    #[arg(long)]
    devices: bool,
}

/// A check: its name, the program and its arguments, extra environment.
struct Check {
    name: &'static str,
    command: Vec<&'static str>,
    environment: Vec<(&'static str, &'static str)>,
    /// Skipped with a notice if the program or cargo subcommand is not installed.
    optional: bool,
}

fn check(name: &'static str, command: &[&'static str]) -> Check {
    Check {
        name,
        command: command.to_vec(),
        environment: Vec::new(),
        optional: false,
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let root = root();
    let smoke = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mut checks = vec![
        check("format", &["cargo", "fmt", "--all", "--check"]),
        Check {
            optional: true,
            ..check(
                "licences and sources",
                &["cargo", "deny", "check", "licenses", "bans", "sources"],
            )
        },
        check(
            "clippy",
            &[
                "cargo",
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
        ),
        Check {
            environment: vec![("RUSTDOCFLAGS", "-D warnings")],
            ..check("docs", &["cargo", "doc", "--workspace", "--no-deps"])
        },
        check("tests", &["cargo", "test", "--workspace"]),
        check("an outside crate", &["scripts/outside-crate.sh"]),
    ];
    if arguments.devices {
        checks.push(check(
            "devices",
            &[
                "cargo",
                "test",
                "--package",
                "mass-tests",
                "--features",
                "ndarray,wgpu",
                "--profile",
                "devices",
                "--test",
                "devices",
                "--",
                "--nocapture",
            ],
        ));
    }
    let start = Instant::now();
    let mut skipped = Vec::new();
    for check in &checks {
        if check.optional && !installed(check.command[1]) {
            println!(
                "== {}: skipped, `cargo {}` is not installed",
                check.name, check.command[1]
            );
            skipped.push(check.name);
            continue;
        }
        run_check(check, &root)?;
    }
    run_smoke(smoke.path(), &root)?;
    println!(
        "== all checks passed in {:.0} s{}",
        start.elapsed().as_secs_f64(),
        if skipped.is_empty() {
            String::new()
        } else {
            format!(" (skipped: {})", skipped.join(", "))
        }
    );
    Ok(())
}

/// The main job on few steps: every file of the figure must be there and not empty.
fn run_smoke(out: &Path, root: &Path) -> Result<()> {
    let out_text = out
        .to_str()
        .context("the temporary folder's name is not UTF-8")?;
    let start = Instant::now();
    let figures = ["fig3", "fig4", "fig5", "table1", "table3"];
    for figure in figures {
        println!("== smoke run: cargo xtask reproduce {figure} --steps 200 --out {out_text}");
        // Through cargo, as the README says it: the tests above may have linked this program anew.
        let status = Command::new("cargo")
            .args([
                "xtask",
                "reproduce",
                figure,
                "--steps",
                "200",
                "--out",
                out_text,
            ])
            .current_dir(root)
            .status()?;
        if !status.success() {
            bail!("smoke run of {figure} failed ({status})");
        }
        let folder = out.join(figure);
        let mut expected = vec![format!("{figure}.json"), "comparison.json".to_string()];
        let drawn = if figure.starts_with("fig") {
            &["svg", "png"][..]
        } else {
            &["md"][..]
        };
        expected.extend(drawn.iter().map(|kind| format!("{figure}.{kind}")));
        for name in expected {
            let size = std::fs::metadata(folder.join(&name))
                .map(|file| file.len())
                .unwrap_or(0);
            if size == 0 {
                bail!("the smoke run of {figure} left no {name}");
            }
        }
    }
    println!(
        "== smoke run passed in {:.0} s",
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

fn run_check(check: &Check, root: &Path) -> Result<()> {
    println!("== {}: {}", check.name, check.command.join(" "));
    let start = Instant::now();
    let status = Command::new(check.command[0])
        .args(&check.command[1..])
        .envs(check.environment.iter().copied())
        .current_dir(root)
        .status()
        .with_context(|| format!("cannot start {}", check.command[0]))?;
    if !status.success() {
        bail!(
            "check {:?} failed ({status}): {}",
            check.name,
            check.command.join(" ")
        );
    }
    println!(
        "== {} passed in {:.0} s",
        check.name,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

fn installed(subcommand: &str) -> bool {
    Command::new("cargo")
        .args([subcommand, "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
}

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(PathBuf::from)
        .unwrap_or_default()
}
