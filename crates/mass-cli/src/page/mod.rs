//! The report as a page: one file that needs nothing beside it, for a browser, a screen or paper; and its pictures
//! as files.

mod data;
mod energy;
mod fit;
mod html;
mod look;
mod phase;
mod prediction;
mod several;
#[cfg(test)]
mod tests;
mod training;
mod typeset;

use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use mass_figures::Sheet;
use mass_systems::write_whole;

use crate::{learned::Learned, together::Together};

/// The page's file in the folder of `learn`.
pub(crate) const FILE: &str = "report.html";
/// The folder of its pictures there.
const PICTURES: &str = "pictures";

/// A picture of the page.
struct Picture {
    /// Its file is `NAME.svg`.
    name: &'static str,
    heading: &'static str,
    caption: String,
    sheet: Option<Sheet>,
}

/// Writes the page and its pictures into a folder, each whole or not at all; says where the page is.
/// `no_course` says why there is nothing to draw from.
pub(crate) fn write(learned: &Learned, folder: &Path, no_course: Option<&str>) -> Result<PathBuf> {
    let mut drawn = Vec::new();
    for mut picture in pictures(learned) {
        let file = folder.join(PICTURES).join(format!("{}.svg", picture.name));
        match &mut picture.sheet {
            Some(sheet) => {
                let svg = sheet.svg();
                fs::create_dir_all(folder.join(PICTURES)).with_context(|| {
                    format!(
                        "the folder {} cannot be made",
                        folder.join(PICTURES).display()
                    )
                })?;
                write_whole(&file, |out| out.write_all(svg.as_bytes()))?;
                drawn.push(html::Figure {
                    svg: html::inline(&svg, picture.name),
                    heading: picture.heading,
                    caption: picture.caption,
                });
            }
            // One that an earlier result had is none of this one.
            None => match fs::remove_file(&file) {
                Err(error)
                    if error.kind() != ErrorKind::NotFound && folder.join(PICTURES).is_dir() =>
                {
                    return Err(error)
                        .with_context(|| format!("{} cannot be removed", file.display()));
                }
                _ => {}
            },
        }
    }
    let page = html::page(learned, &drawn, no_course);
    let file = folder.join(FILE);
    write_whole(&file, |out| out.write_all(page.as_bytes()))?;
    Ok(file)
}

/// Writes the page of several systems, whole or not at all; says where it is. Each system has a page of its own.
pub(crate) fn write_of_several(together: &Together, folder: &Path) -> Result<PathBuf> {
    let page = several::page(together);
    let file = folder.join(FILE);
    write_whole(&file, |out| out.write_all(page.as_bytes()))?;
    Ok(file)
}

/// All pictures there may be, in the order of the page.
fn pictures(learned: &Learned) -> Vec<Picture> {
    let title = |what: &str| format!("{what}: {}", html::files(learned));
    let course = learned.course.as_ref();
    let best = learned.best.and_then(|place| learned.theories.get(place));
    let names: Vec<&str> = learned
        .theories
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    let more = course.map_or(String::new(), html::left_out);
    let accelerations = match learned.accelerations.as_str() {
        "measured" => "as they were measured".to_string(),
        method => format!("as {method} gives them"),
    };
    // What a smoother leaves is alike over many rows, and looks like a pattern where nothing acts.
    let residuals = match learned.accelerations.as_str() {
        "measured" => {
            "Residuals outside it, in a pattern, are something that acts and is not in the law."
        }
        _ => {
            "Neighbouring residuals are alike, for they were estimated from the same rows: waves of up to three times \
             the band are no sign of anything. That something acts which is not in the law is told by larger ones, and \
             by predictions, below, that part from the data."
        }
    };
    let turned = match course.is_some_and(|course| course.positions.iter().any(|one| one.turned)) {
        true => " Angles that turned over are shown within one turn.",
        false => "",
    };
    let law = best.map_or(String::new(), |best| format!(" The law is: {}.", best.name));
    vec![
        Picture {
            name: "data",
            heading: "The data",
            caption: format!(
                "Positions in time. The law was learned from {} rows and is judged on {} ({}).{more}",
                learned.rows[0],
                learned.rows[1],
                learned.judged()
            ),
            sheet: course.and_then(|course| data::draw(course, &title("data"))),
        },
        Picture {
            name: "fit",
            heading: "The fit",
            caption: format!(
                "Accelerations of what was held out, {accelerations}, and by the law: left, one over the other; right, \
                 what is left of them in time. The grey band is the accelerations' own standard error. {residuals}{law}"
            ),
            sheet: course.and_then(|course| fit::draw(course, &title("fit"))),
        },
        Picture {
            name: "phase",
            heading: "Phase portrait",
            caption: format!(
                "Velocities over positions: a point is a state, a line how it moves.{turned}"
            ),
            sheet: course.and_then(|course| phase::draw(course, &title("phase portrait"))),
        },
        Picture {
            name: "prediction",
            heading: "Predictions",
            caption: format!(
                "The law, followed from the first state of what was held out, which is fitted to at most a fifth of the stretch, and from \
                 nothing else. The broken line is where a position is first off by a tenth of its deviation; without one it never is.{}",
                band_caption(learned)
            ),
            sheet: course.and_then(|course| {
                prediction::draw(course, &names, alike(learned), &title("predictions"))
            }),
        },
        Picture {
            name: "energy",
            heading: "Energy",
            caption: energy_caption(learned),
            sheet: course.and_then(|course| energy::draw(course, &title("energy"))),
        },
        Picture {
            name: "training",
            heading: "Training",
            caption: "Errors on what was held out, by step of the training.".to_string(),
            sheet: training::draw(&learned.theories, &title("training")),
        },
    ]
}

/// What the band of the predictions is drawn from.
fn alike(learned: &Learned) -> &'static str {
    match learned.network() {
        Some(_) => "other networks",
        None => "laws within the errors",
    }
}

fn band_caption(learned: &Learned) -> String {
    let drawn = learned.course.as_ref().map_or(0, |course| course.drawn);
    let inputs = match learned.inputs {
        0 => "",
        _ => " Inputs between two rows are taken as their mean.",
    };
    match drawn {
        0 => inputs.to_string(),
        drawn if learned.network().is_some() => format!(
            " Within the pale band lie the middle two thirds of what the other networks ({drawn}) follow."
        ),
        drawn => format!(
            " Within the pale band lie the middle two thirds of {drawn} laws whose coefficients were drawn from their \
             errors, correlations and all; where it cannot be seen it is narrower than the line. The error of the first state is not in it.{inputs}"
        ),
    }
}

fn energy_caption(learned: &Learned) -> String {
    let friction = learned
        .lagrangian
        .as_ref()
        .is_some_and(|law| !law.friction().is_empty() && law.inputs() == 0);
    let loss = match friction {
        true => {
            " Friction takes energy; with what it took by then added (green), it should stay level."
        }
        false => "",
    };
    let inputs = match learned.inputs {
        0 => "",
        _ => " Inputs give and take energy, and friction takes it: it need not stay.",
    };
    format!("The energy of the law's Lagrangian.{loss}{inputs}")
}
