//! What was found, in words.

use std::{fmt::Write, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    course::Course,
    learned::{self, Learned},
    page,
    percent::percent,
    write::print,
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The folder that `learn` wrote, or its learned.json.
    learned: PathBuf,
    /// For programs: everything that is known, as JSON; the page is left as it is.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut learned = Learned::read(&arguments.learned)?;
    if arguments.json {
        return Ok(print(&(learned.json()? + "\n"))?);
    }
    print(&words(&learned))?;
    let file = learned::file(&arguments.learned);
    let no_course = match Course::read(&file) {
        Ok(course) => {
            learned.course = Some(course);
            None
        }
        Err(error) => Some(mass_suggest::with_causes(&*error)),
    };
    let folder = file.parent().context("the file lies in no folder")?;
    let page = page::write(&learned, folder, no_course.as_deref())
        .context("what was found is printed above, but its page could not be written")?;
    if let Some(reason) = no_course {
        eprintln!("the page has no pictures: {reason}");
    }
    eprintln!("the page: {}", page.display());
    Ok(())
}

/// The report as text.
pub(crate) fn words(learned: &Learned) -> String {
    let mut text = String::new();
    let mut line = |words: &str| {
        let _ = writeln!(text, "{words}");
    };
    line(&format!("# {}", learned.files.join(", ")));
    line("");
    line(&format!("**{}**", learned.verdict));
    line("");
    for warning in &learned.warnings {
        line(&format!("Beware: {warning}."));
        line("");
    }
    if let Some(best) = learned.best.and_then(|best| learned.theories.get(best)) {
        for formula in &best.formula {
            line(&format!("    {formula}"));
        }
        line("");
    }
    line(&format!(
        "{} rows were learned from, {} judged on ({}). Accelerations: {}, known to {} of their deviation.",
        learned.rows[0],
        learned.rows[1],
        learned.split,
        learned.accelerations,
        percent(learned.acceleration_error)
    ));
    line("");
    line("| theory | error of ẏ, of its deviation | followed for | numbers in it | seconds |");
    line("|---|---:|---:|---:|---:|");
    for (place, theory) in learned.theories.iter().enumerate() {
        let mark = if learned.best == Some(place) {
            "**"
        } else {
            ""
        };
        let followed = theory.followed.map_or("–".to_string(), |[time, of]| {
            format!("{time:.3} of {of:.3}")
        });
        line(&format!(
            "| {mark}{}{mark} | {} | {followed} | {} | {:.1} |",
            theory.name,
            theory.error.map_or("–".to_string(), percent),
            theory.size.map_or("–".to_string(), |size| size.to_string()),
            theory.seconds
        ));
    }
    line("");
    line(
        "Errors are on rows that were not learned from. Followed: the time, from the first row of what was held out, until a position is off by a tenth of its deviation; median.",
    );
    line("");
    for theory in &learned.theories {
        if let Some(reason) = &theory.failed {
            line(&format!("- {} could not be tried: {reason}", theory.name));
        } else if !theory.formula.is_empty() {
            line(&format!("- {}: {}", theory.name, theory.formula.join("; ")));
        }
    }
    if !learned.conserved.is_empty() {
        line("");
        line("Conserved along the data:");
        line("");
        for (formula, drift) in &learned.conserved {
            line(&format!(
                "- {formula} (varies by {} of its size along what was held out)",
                percent(*drift)
            ));
        }
    }
    for (heading, list) in [("Noticed:", &learned.notes), ("Next:", &learned.next)] {
        if list.is_empty() {
            continue;
        }
        line("");
        line(heading);
        line("");
        for note in list {
            line(&format!("- {note}"));
        }
    }
    text
}
