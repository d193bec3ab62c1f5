//! What a benchmark says about itself, and its tables in Markdown.

use std::{fmt::Write as _, path::Path, process::Command};

use anyhow::Result;
use mass_core::write_bytes;
use mass_lanes::{InstructionSet, fma_peak};

/// A table under a heading.
pub(crate) struct Table {
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(head: &[&str]) -> Self {
        Self {
            head: head.iter().map(ToString::to_string).collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = String>) {
        self.rows.push(row.into_iter().collect());
    }

    /// As Markdown, numbers to the right.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("| {} |\n|", self.head.join(" | "));
        for column in 0..self.head.len() {
            text.push_str(if column == 0 { "---|" } else { "---:|" });
        }
        text.push('\n');
        for row in &self.rows {
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
        text
    }
}

/// The machine, as a line of Markdown: processor, cores, instruction set, its peak.
pub(crate) fn machine() -> String {
    let processor = std::fs::read_to_string("/proc/cpuinfo")
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .and_then(|rest| rest.split_once(':'))
        .map_or("unknown processor".to_string(), |(_, name)| {
            name.trim().to_string()
        });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let peaks: Vec<String> = InstructionSet::available()
        .into_iter()
        .map(|set| format!("{set} {:.0}", fma_peak::<f32>(set) / 1e9))
        .collect();
    let date = Command::new("date").arg("+%Y-%m-%d").output();
    let date = date.map_or(String::new(), |output| {
        String::from_utf8_lossy(&output.stdout).trim().to_string()
    });
    format!(
        "{date}, {processor}, {cores} cores, kernels on {}; peak of one core in f32, GFLOP/s: {}",
        InstructionSet::current(),
        peaks.join(", ")
    )
}

/// Prints the text and keeps it.
pub(crate) fn keep(text: &str, path: &Path) -> Result<()> {
    println!("{text}");
    if let Some(parent) = path.parent() {
        mass_core::create_dir(parent)?;
    }
    write_bytes(path, text.as_bytes())?;
    println!("written to {}", path.display());
    Ok(())
}
