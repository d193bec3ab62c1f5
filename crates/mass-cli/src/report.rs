//! What was found, in words.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use mass_sparse::Measured;

use crate::{
    course::Course,
    learned::{self, FOLLOWED, Learned, Tried, varies_beside},
    page,
    percent::percent,
    together::{self, Together},
    units,
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
    if let Some(file) = together::file(&arguments.learned) {
        return several(&file, arguments.json);
    }
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

/// The same of several systems.
fn several(file: &Path, json: bool) -> Result<()> {
    let together = Together::read(file)?;
    if json {
        return Ok(print(&(together.json()? + "\n"))?);
    }
    print(&of_several(&together))?;
    let folder = file.parent().context("the file lies in no folder")?;
    let page = page::write_of_several(&together, folder)
        .context("what was found is printed above, but its page could not be written")?;
    eprintln!("the page: {}", page.display());
    Ok(())
}

/// The report on several systems as text.
pub(crate) fn of_several(together: &Together) -> String {
    let mut text = String::new();
    let mut line = |words: &str| {
        let _ = writeln!(text, "{words}");
    };
    let files = together.systems.iter().flat_map(|one| &one.found.files);
    let files: Vec<&str> = files.map(String::as_str).collect();
    line(&format!("# {}", files.join(", ")));
    line("");
    for (place, sentence) in together.verdict.lines().enumerate() {
        match place {
            0 => line(&format!("**{sentence}**")),
            _ => line(sentence),
        }
    }
    line("");
    for one in &together.systems {
        for warning in &one.found.warnings {
            line(&format!("Beware, of {}: {warning}.", one.name));
            line("");
        }
    }
    if let Some(first) = together.sharing().next() {
        for formula in &together.formula {
            line(&format!("    {formula}"));
        }
        line("");
        line(&legend(&first.found));
        line("");
        let names = together.sharing().map(|one| format!(" {} |", one.name));
        let names: String = names.collect();
        line(&format!("| coefficient of |{names} in all | unit |"));
        let rules = "---:|".repeat(together.sharing().count() + 1);
        line(&format!("|---|{rules}---|"));
        for one in &together.coefficients {
            let values = one
                .values
                .iter()
                .map(|value| format!(" {} |", value.words()));
            line(&format!(
                "| {} |{} {} | {} |",
                one.of,
                values.collect::<String>(),
                one.in_all(),
                units::words(one.unit.as_deref())
            ));
        }
        line("");
        line(
            "± is one standard error. In all: the mean, where the values are equal within their errors or to a thousandth; that a coefficient is not told from nothing in a system is said by (0?).",
        );
        line("");
    }
    line(
        "| system | law | error of ẏ, of its deviation | followed for | alone, it is | with an error of | rows |",
    );
    line("|---|---|---:|---:|---|---:|---:|");
    for one in &together.systems {
        let found = &one.found;
        let best = found.best.and_then(|best| found.theories.get(best));
        let followed = best.and_then(|best| best.followed);
        let followed = followed.map_or("–".to_string(), |[time, of]| {
            format!("{time:.3} of {of:.3}{}", found.units.time_behind())
        });
        let error = |theory: Option<&Tried>| {
            let error = theory.and_then(|theory| theory.error);
            error.map_or("–".to_string(), percent)
        };
        let formula = |theory: Option<&Tried>| {
            theory.map_or("–".to_string(), |theory| theory.formula.join("; "))
        };
        let law = if one.shares { "that of all" } else { "its own" };
        line(&format!(
            "| {} | {law} | {} | {followed} | {} | {} | {} + {} |",
            one.name,
            error(best),
            formula(one.alone.as_ref()),
            error(one.alone.as_ref()),
            found.rows[0],
            found.rows[1],
        ));
    }
    line("");
    line(&format!(
        "Errors are on rows that were not learned from, which are the second number of rows. {FOLLOWED}"
    ));
    text + &lists(&together.notes, &together.next)
}

/// What the letters of the formulas are, and the units.
fn legend(learned: &Learned) -> String {
    let names = &learned.positions;
    let numbered = |i: usize| match names.len() {
        1 => String::new(),
        _ => {
            let digit = |c: char| char::from_u32(0x2080 + c as u32 - '0' as u32);
            (i + 1).to_string().chars().filter_map(digit).collect()
        }
    };
    let each = names.iter().enumerate().map(|(i, name)| {
        let unit = learned.units.positions.get(i).cloned().flatten();
        let n = numbered(i);
        let unit = unit.map_or(String::new(), |unit| format!(" in {unit}"));
        let less = learned.less_origin(i, false);
        // Of a file without names it is "column 3" already.
        let name = match name.strip_prefix("column ") {
            Some(number) if number.parse::<usize>().is_ok() => name.clone(),
            _ => format!("column {name:?}"),
        };
        format!("x{n} stands for {name}{less}{unit}")
    });
    let mut text = "In the formulas ".to_string() + &each.collect::<Vec<_>>().join(", ");
    text.push_str(if names.len() == 1 {
        ", y for its velocity"
    } else {
        ", y₁, y₂, … for the velocities of x₁, x₂, …"
    });
    if let Some(time) = &learned.units.time {
        text.push_str(&format!(", time in {time}"));
    }
    if !learned.units.are_known() {
        text.push_str("; where no unit is said, numbers are in the units of the data");
    }
    text + "."
}

/// The report as text.
pub(crate) fn words(learned: &Learned) -> String {
    let mut text = String::new();
    let mut line = |words: &str| {
        let _ = writeln!(text, "{words}");
    };
    line(&format!("# {}", learned.files.join(", ")));
    line("");
    for (place, sentence) in learned.verdict.lines().enumerate() {
        match place {
            0 => line(&format!("**{sentence}**")),
            _ => line(sentence),
        }
    }
    line("");
    for warning in &learned.warnings {
        line(&format!("Beware: {warning}."));
        line("");
    }
    let best = learned.best.and_then(|best| learned.theories.get(best));
    if let Some(best) = best.filter(|best| best.network.is_none()) {
        for formula in &best.formula {
            line(&format!("    {formula}"));
        }
        line("");
        line(&legend(learned));
        line("");
        if learned
            .coefficients
            .iter()
            .any(|one| one.standard_error != Some(0.0))
        {
            line("| coefficient of | value | unit |");
            line("|---|---:|---|");
            for one in &learned.coefficients {
                let chosen = match one.standard_error {
                    Some(0.0) => " (by choice)",
                    _ => "",
                };
                let unit = units::words(one.unit.as_deref());
                line(&format!(
                    "| {} | {}{chosen} | {unit} |",
                    one.of,
                    Measured::new(one.value, one.standard_error)
                ));
            }
            line("");
        }
    }
    line(&format!(
        "{} rows were learned from, {} judged on ({}). Accelerations: {}, known to {}.",
        learned.rows[0],
        learned.rows[1],
        learned.judged(),
        learned.accelerations,
        learned.known_to()
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
            format!("{time:.3} of {of:.3}{}", learned.units.time_behind())
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
    line(&format!(
        "Errors are on rows that were not learned from. {FOLLOWED}"
    ));
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
                "- {formula} (varies by {} of {} along what was held out)",
                percent(*drift),
                varies_beside(formula)
            ));
        }
    }
    text + &lists(&learned.notes, &learned.next)
}

/// What was noticed and what to do next, where there is any of it.
pub(crate) fn lists(notes: &[String], next: &[String]) -> String {
    let list = |heading: &str, list: &[String]| match list {
        [] => String::new(),
        list => format!("\n{heading}\n\n- {}\n", list.join("\n- ")),
    };
    list("Noticed:", notes) + &list("Next:", next)
}
