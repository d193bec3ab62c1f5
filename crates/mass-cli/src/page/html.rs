//! The page's sections.

use std::fmt::Write;

use mass_sparse::{Coefficient, LagrangianLaw, SparseLaw};

use super::typeset::{escaped, formula, sentence, sentences, with_error};
use crate::{
    course::Course,
    learned::{FOLLOWED, Learned, Number, Tried, varies_beside},
    percent::percent,
    units,
};

/// What `learn` writes before a formula whose coefficients were rounded.
const ROUNDED: &str = "within the errors, ";

/// A formula of more letters than this is folded away among the theories: it is none that one reads.
const LONG: usize = 400;

const STYLE: &str = include_str!("style.css");

/// A picture as it stands in the page.
pub(super) struct Figure {
    pub(super) svg: String,
    pub(super) heading: &'static str,
    pub(super) caption: String,
}

/// The names of the files that were learned from, without their folders.
pub(super) fn files(learned: &Learned) -> String {
    few_of(&learned.files)
}

/// The first of some files, without their folders.
pub(super) fn few_of(files: &[String]) -> String {
    let name = |file: &String| {
        let path = std::path::Path::new(file);
        path.file_name()
            .map_or(file.clone(), |name| name.to_string_lossy().into_owned())
    };
    match files {
        [a, b, c, more @ ..] if !more.is_empty() => {
            let first = [name(a), name(b), name(c)].join(", ");
            format!("{first} and {} more", more.len())
        }
        few => few.iter().map(name).collect::<Vec<_>>().join(", "),
    }
}

/// What the pictures do not show.
pub(super) fn left_out(course: &Course) -> String {
    let mut text = String::new();
    if course.motions_left_out > 0 {
        let _ = write!(
            text,
            " {} more motions are not drawn.",
            course.motions_left_out
        );
    }
    if course.held_out_more > 0 {
        let _ = write!(
            text,
            " Of the stretches that were held out, the {} longest are drawn below, {} more are not.",
            course.held_out.len(),
            course.held_out_more
        );
    }
    if course.positions.len() > super::look::SHOWN {
        let more = course.positions.len() - super::look::SHOWN;
        let _ = write!(text, " {more} more positions are not drawn.");
    }
    text
}

/// An SVG to stand among others in a page: it scales, and its names are its own.
pub(super) fn inline(svg: &str, name: &str) -> String {
    let svg = svg.replace("id=\"clip-", &format!("id=\"{name}-clip-"));
    let svg = svg.replace("url(#clip-", &format!("url(#{name}-clip-"));
    svg.replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1)
}

/// The whole page.
pub(super) fn page(learned: &Learned, figures: &[Figure], no_course: Option<&str>) -> String {
    let mut body = String::new();
    verdict(&mut body, learned);
    law(&mut body, learned);
    theories(&mut body, learned);
    if let Some(reason) = no_course {
        section(&mut body, "Pictures");
        paragraph(
            &mut body,
            "warning",
            &format!("There are no pictures: {reason}."),
        );
    }
    for figure in figures.iter().filter(|one| one.heading != "Training") {
        section(&mut body, figure.heading);
        draw(&mut body, figure);
    }
    conserved(&mut body, learned);
    let training = figures.iter().find(|one| one.heading == "Training");
    scientists(&mut body, learned, training);
    list(&mut body, "Noticed", &learned.notes);
    list(&mut body, "What to do next", &learned.next);
    made(&mut body, learned);
    whole(&files(learned), &body)
}

/// A page of this title and body.
pub(super) fn whole(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>{title}: what moves it</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         {body}</main>\n</body>\n</html>\n"
    )
}

pub(super) fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

pub(super) fn section(out: &mut String, heading: &str) {
    line(out, &format!("<h2>{}</h2>", escaped(heading)));
}

pub(super) fn paragraph(out: &mut String, class: &str, text: &str) {
    line(out, &format!("<p class=\"{class}\">{}</p>", escaped(text)));
}

pub(super) fn list(out: &mut String, heading: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    section(out, heading);
    line(out, "<ul>");
    for item in items {
        line(out, &format!("<li>{}</li>", escaped(&sentence(item))));
    }
    line(out, "</ul>");
}

fn draw(out: &mut String, figure: &Figure) {
    line(out, "<figure>");
    line(out, figure.svg.trim());
    line(
        out,
        &format!("<figcaption>{}</figcaption>", escaped(&figure.caption)),
    );
    line(out, "</figure>");
}

fn verdict(out: &mut String, learned: &Learned) {
    line(out, &format!("<h1>{}</h1>", escaped(&files(learned))));
    line(out, "<div class=\"verdict\">");
    for sentence in sentences(&learned.verdict) {
        line(out, &format!("<p>{}</p>", escaped(&sentence)));
    }
    line(out, "</div>");
    for warning in &learned.warnings {
        paragraph(out, "warning", &format!("Beware: {}", sentence(warning)));
    }
}

/// A formula in lines: what stands between semicolons.
fn set(text: &str, learned: &Learned) -> Vec<String> {
    let lines = text.split("; ");
    lines
        .map(|line| formula(line, &learned.positions))
        .collect()
}

fn law(out: &mut String, learned: &Learned) {
    let Some(best) = learned.best.and_then(|best| learned.theories.get(best)) else {
        return;
    };
    section(out, "The law");
    if best.network.is_some() {
        paragraph(
            out,
            "",
            &escaped(&format!("{}: {}.", best.name, best.formula.join("; "))),
        );
        return;
    }
    line(out, "<div class=\"formula\">");
    for text in &best.formula {
        if let Some(text) = text.strip_prefix(ROUNDED) {
            line(out, "<p class=\"soft\">rounded within the errors:</p>");
            for text in set(text, learned) {
                line(out, &format!("<p class=\"math\">{text}</p>"));
            }
            continue;
        }
        for text in set(text, learned) {
            line(out, &format!("<p class=\"math\">{text}</p>"));
        }
    }
    line(out, "</div>");
    let names = learned.positions.iter().enumerate();
    let names = names.map(|(k, name)| name.clone() + &learned.less_origin(k, false));
    let names = names.collect::<Vec<_>>().join(", ");
    let angles = learned
        .course
        .as_ref()
        .is_some_and(|course| course.positions.iter().any(|one| one.degrees));
    let radians = match angles {
        true => " Angles in degrees are radians in the formulas; the pictures show degrees.",
        false => "",
    };
    let what = match learned.positions.len() {
        1 => format!("x is {names}, y its rate of change, ẏ that of y."),
        _ => format!(
            "x are the positions {names}, in this order, y their rates of change, ẏ those of y."
        ),
    };
    paragraph(out, "soft", &format!("{what}{radians}"));
    // Networks have no coefficients to show.
    if best.network.is_some() {
        return;
    }
    match (learned.is_sum(), &learned.sparse, &learned.lagrangian) {
        (true, Some(law), _) => sum_coefficients(out, learned, law),
        (_, _, Some(law)) => lagrangian_coefficients(out, learned, law),
        _ => {}
    }
}

pub(super) fn begin_table(out: &mut String, heads: &[(&str, bool)]) {
    line(out, "<div class=\"scroll\"><table>");
    let cells = heads.iter().map(|(head, number)| match number {
        true => format!("<th class=\"number\">{}</th>", escaped(head)),
        false => format!("<th>{}</th>", escaped(head)),
    });
    line(
        out,
        &format!(
            "<thead><tr>{}</tr></thead><tbody>",
            cells.collect::<String>()
        ),
    );
}

pub(super) fn end_table(out: &mut String) {
    line(out, "</tbody></table></div>");
}

fn sum_coefficients(out: &mut String, learned: &Learned, law: &SparseLaw) {
    let heads = [
        ("of", false),
        ("term", false),
        ("coefficient", true),
        ("unit", false),
    ];
    begin_table(out, &heads);
    let mut units = unit_cells(learned);
    let d = law.dof();
    for (i, component) in law.components().iter().enumerate() {
        for one in component {
            let name = learned.positions.get(i).map_or("", String::as_str);
            row(
                out,
                &[
                    format!("<td>acceleration of {}</td>", escaped(name)),
                    math_cell(&one.function.text(d), learned),
                    number_cell(&with_error(one.coefficient, Some(one.standard_error))),
                    units.next().unwrap_or_default(),
                ],
            );
        }
    }
    end_table(out);
    paragraph(
        out,
        "soft",
        "± is one standard error, as if residuals were independent of one another.",
    );
}

/// A cell with the unit of each coefficient of the law.
fn unit_cells(learned: &Learned) -> impl Iterator<Item = String> + use<> {
    let cell = |one: Number| format!("<td>{}</td>", escaped(units::words(one.unit.as_deref())));
    learned.numbers().into_iter().map(cell)
}

fn lagrangian_coefficients(out: &mut String, learned: &Learned, law: &LagrangianLaw) {
    let d = law.dof();
    let name = |i: usize| learned.positions.get(i).map_or("", String::as_str);
    let plain = |text: String| format!("<td>{}</td>", escaped(&text));
    let terms = law.terms().iter().map(|term| {
        let cell = math_cell(&term.function.text(d), learned);
        ("L", cell, &term.coefficient, term.gauge)
    });
    let friction = law.friction().iter().map(|term| {
        let between = match term.on == term.by {
            true => format!("of {}", name(term.on)),
            false => format!("between {} and {}", name(term.on), name(term.by)),
        };
        (term.kind.name(), plain(between), &term.coefficient, false)
    });
    let gains = law.gains().iter().map(|term| {
        let on = format!("of input {} on {}", term.input + 1, name(term.on));
        ("force", plain(on), &term.coefficient, false)
    });
    let all: Vec<(&str, String, &Coefficient, bool)> = terms.chain(friction).chain(gains).collect();
    let fraction = |c: &Coefficient, gauge: bool| c.rational.filter(|_| !gauge);
    let fractions = all
        .iter()
        .any(|(_, _, c, gauge)| fraction(c, *gauge).is_some());
    let heads = [
        ("of", false),
        ("term", false),
        ("coefficient", true),
        ("unit", false),
        ("may be", true),
    ];
    begin_table(out, &heads[..if fractions { 5 } else { 4 }]);
    for ((of, cell, c, gauge), unit) in all.iter().zip(unit_cells(learned)) {
        let value = match gauge {
            true => format!("{} (by choice)", with_error(c.value, None)),
            false => with_error(c.value, Some(c.standard_error)),
        };
        let mut cells = vec![
            format!("<td>{of}</td>"),
            cell.clone(),
            number_cell(&value),
            unit,
        ];
        if fractions {
            let text = fraction(c, *gauge).map(|r| escaped(&r.to_string()));
            cells.push(number_cell(&text.unwrap_or_default()));
        }
        row(out, &cells);
    }
    end_table(out);
    paragraph(
        out,
        "soft",
        "± is one standard error. A Lagrangian is known up to a factor, which is chosen so that one coefficient is ½.",
    );
}

pub(super) fn row(out: &mut String, cells: &[String]) {
    line(out, &format!("<tr>{}</tr>", cells.concat()));
}

fn math_cell(text: &str, learned: &Learned) -> String {
    format!(
        "<td><span class=\"math\">{}</span></td>",
        formula(text, &learned.positions)
    )
}

/// A cell of HTML.
pub(super) fn number_cell(text: &str) -> String {
    format!("<td class=\"number\">{text}</td>")
}

fn followed(theory: &Tried) -> String {
    theory.followed.map_or("–".to_string(), |[time, of]| {
        format!("{time:.3} of {of:.3}")
    })
}

fn theories(out: &mut String, learned: &Learned) {
    if learned.theories.is_empty() {
        return;
    }
    section(out, "Theories that were tried");
    let time = learned
        .course
        .as_ref()
        .and_then(|course| course.time_unit.as_deref());
    let head = time.map_or("followed for".to_string(), |unit| {
        format!("followed for ({unit})")
    });
    begin_table(
        out,
        &[
            ("theory", false),
            ("error of ẏ, of its deviation", true),
            (&head, true),
            ("numbers in it", true),
            ("seconds", true),
        ],
    );
    for (place, theory) in learned.theories.iter().enumerate() {
        let class = if learned.best == Some(place) {
            " class=\"best\""
        } else {
            ""
        };
        let cells = [
            format!("<td>{}</td>", escaped(&theory.name)),
            number_cell(&escaped(&theory.error.map_or("–".to_string(), percent))),
            number_cell(&escaped(&followed(theory))),
            number_cell(&theory.size.map_or("–".to_string(), |size| size.to_string())),
            number_cell(&format!("{:.1}", theory.seconds)),
        ];
        line(out, &format!("<tr{class}>{}</tr>", cells.concat()));
    }
    end_table(out);
    paragraph(
        out,
        "soft",
        &format!(
            "Errors are on {} rows that were not learned from; the accelerations themselves are known to {}. {FOLLOWED} \
             The simplest of those that are as good as the best is the law above.",
            learned.rows[1],
            learned.known_to()
        ),
    );
    line(out, "<ul>");
    for theory in &learned.theories {
        let name = escaped(&theory.name);
        if let Some(reason) = &theory.failed {
            line(
                out,
                &format!("<li>{name} could not be tried: {}</li>", escaped(reason)),
            );
        } else if !theory.formula.is_empty() {
            let parts = theory.formula.iter().map(|text| match text.contains('=') {
                true => {
                    let plain = text.strip_prefix(ROUNDED);
                    let words = plain.map_or("", |_| ROUNDED);
                    let text = formula(plain.unwrap_or(text), &learned.positions);
                    format!("{words}<span class=\"math\">{text}</span>")
                }
                false => escaped(text),
            });
            let text = parts.collect::<Vec<_>>().join("; ");
            let letters: usize = theory.formula.iter().map(|line| line.chars().count()).sum();
            line(
                out,
                &match letters > LONG {
                    true => format!(
                        "<li><details><summary>{name}: a formula of {} numbers</summary>{text}</details></li>",
                        theory.size.unwrap_or(0)
                    ),
                    false => format!("<li>{name}: {text}</li>"),
                },
            );
        }
    }
    line(out, "</ul>");
}

fn conserved(out: &mut String, learned: &Learned) {
    if learned.conserved.is_empty() {
        return;
    }
    section(out, "What is conserved");
    line(out, "<ul>");
    for (text, drift) in &learned.conserved {
        line(
            out,
            &format!(
                "<li><span class=\"math\">{}</span> <span class=\"soft\">varies by {} of {} along what was held \
                 out</span></li>",
                formula(text, &learned.positions),
                escaped(&percent(*drift)),
                varies_beside(text)
            ),
        );
    }
    line(out, "</ul>");
}

/// Networks among the theories, with their families and what they have in common.
fn scientists(out: &mut String, learned: &Learned, training: Option<&Figure>) {
    let trained = || {
        let all = learned.theories.iter();
        all.filter_map(|theory| Some((theory, theory.network.as_ref()?)))
    };
    if trained().next().is_none() {
        return;
    }
    section(out, "Scientists");
    paragraph(
        out,
        "soft",
        "Networks that were trained on the same rows from different seeds, a line a kind; the one of median error \
         stands for all. Those of a family compute each other's motion with their scalars.",
    );
    begin_table(
        out,
        &[
            ("networks", false),
            ("how many", true),
            ("least and most error", true),
            ("families", true),
            ("agreement", true),
            ("of no Lagrangian", true),
        ],
    );
    for (theory, network) in trained() {
        let or_dash = |value: Option<String>| number_cell(&value.unwrap_or("–".to_string()));
        let (least, most) = network.range();
        let families = network
            .agreement
            .map(|_| network.families.len().to_string());
        row(
            out,
            &[
                format!("<td>{}</td>", escaped(&theory.name)),
                number_cell(&network.errors.len().to_string()),
                number_cell(&format!("{}, {}", percent(least), percent(most))),
                or_dash(families),
                or_dash(network.agreement.map(|share| format!("{share:.2}"))),
                or_dash(network.no_lagrangian.map(percent)),
            ],
        );
    }
    end_table(out);
    if let Some(figure) = training {
        draw(out, figure);
    }
}

fn made(out: &mut String, learned: &Learned) {
    section(out, "How this was made");
    if let Some(course) = &learned.course {
        let origin = &course.origin;
        line(out, &format!("<pre>{}</pre>", escaped(&origin.shell())));
        begin_table(out, &[("file", false), ("bytes", true), ("BLAKE3", false)]);
        for file in &origin.files {
            row(
                out,
                &[
                    format!("<td>{}</td>", escaped(&file.name)),
                    number_cell(&file.bytes.to_string()),
                    format!("<td><code>{}</code></td>", escaped(&file.blake3)),
                ],
            );
        }
        end_table(out);
        paragraph(
            out,
            "soft",
            &format!(
                "mass {}. What was held out was {} ({}).",
                learned.version(),
                match origin
                    .command
                    .iter()
                    .any(|word| word.starts_with("--judge-on"))
                {
                    true => "named".to_string(),
                    false => format!("drawn by seed {}", origin.seed),
                },
                learned.judged()
            ),
        );
    } else {
        paragraph(
            out,
            "soft",
            &format!("mass {}; {}.", learned.version(), learned.files.join(", ")),
        );
    }
    if learned.best.is_some() {
        line(
            out,
            "<p class=\"soft\"><code>mass predict FOLDER</code> follows this law from a state, <code>mass export \
             FOLDER</code> prints it as text, LaTeX, Rust or NumPy; FOLDER is the one in which this page lies. Its \
             folder <code>pictures</code> has the pictures as SVG files.</p>",
        );
    }
}
