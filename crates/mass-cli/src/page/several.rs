//! The page of several systems with one law.

use super::{
    html::{
        begin_table, end_table, few_of, line, list, number_cell, paragraph, row, section, whole,
    },
    typeset::{escaped, formula, sentence, sentences, with_error},
};
use crate::{
    percent::percent,
    together::{Shared, Together},
};

/// The whole page; those of the systems lie in their folders.
pub(super) fn page(together: &Together) -> String {
    let mut body = String::new();
    let out = &mut body;
    let files = together
        .systems
        .iter()
        .flat_map(|one| one.found.files.clone());
    let title = few_of(&files.collect::<Vec<_>>());
    line(out, &format!("<h1>{}</h1>", escaped(&title)));
    line(out, "<div class=\"verdict\">");
    for sentence in sentences(&together.verdict) {
        line(out, &format!("<p>{}</p>", escaped(&sentence)));
    }
    line(out, "</div>");
    for one in &together.systems {
        for warning in &one.found.warnings {
            let text = format!("Beware, of {}: {}", one.name, sentence(warning));
            paragraph(out, "warning", &text);
        }
    }
    law(out, together);
    systems(out, together);
    list(out, "Noticed", &together.notes);
    list(out, "What to do next", &together.next);
    section(out, "How this was made");
    let folders = together.systems.iter().map(|one| one.name.as_str());
    paragraph(
        out,
        "soft",
        &format!(
            "mass {}. Each system has a folder beside this page, with a page and pictures of its own, for mass predict \
             and mass export: {}.",
            together.version(),
            folders.collect::<Vec<_>>().join(", ")
        ),
    );
    whole(&title, &body)
}

fn law(out: &mut String, together: &Together) {
    let Some(first) = together.sharing().next() else {
        return;
    };
    section(out, "The law");
    line(out, "<div class=\"formula\">");
    for text in together.formula.iter().flat_map(|text| text.split("; ")) {
        let text = formula(text, &first.found.positions);
        line(out, &format!("<p class=\"math\">{text}</p>"));
    }
    line(out, "</div>");
    paragraph(
        out,
        "soft",
        &format!(
            "x stands for {}, y for its rate of change, c for what differs from system to system.",
            first.found.positions.join(", ")
        ),
    );
    section(out, "Its numbers");
    let names: Vec<&str> = together.sharing().map(|one| one.name.as_str()).collect();
    let mut heads = vec![("coefficient of", false)];
    heads.extend(names.iter().map(|name| (*name, true)));
    heads.extend([("in all", true), ("unit", false)]);
    begin_table(out, &heads);
    for one in &together.coefficients {
        let positions = &first.found.positions;
        let mut cells = vec![format!(
            "<td><span class=\"math\">{}</span></td>",
            formula(&one.of, positions)
        )];
        cells.extend(one.values.iter().map(|value| {
            let known = value.standard_error.filter(|error| *error > 0.0);
            let doubt = if value.needed { "" } else { " (0?)" };
            number_cell(&format!("{}{doubt}", with_error(value.value, known)))
        }));
        cells.push(number_cell(&in_all(one)));
        cells.push(format!(
            "<td>{}</td>",
            escaped(one.unit.as_deref().unwrap_or("of the data"))
        ));
        row(out, &cells);
    }
    end_table(out);
    paragraph(
        out,
        "soft",
        "± is one standard error. In all: the mean, where the values are equal within their errors or to a thousandth. \
         What is not told from nothing in a system has (0?) behind it.",
    );
}

fn in_all(one: &Shared) -> String {
    match one.common {
        Some(_) if one.by_choice => "by choice".to_string(),
        Some(common) => with_error(common.value, common.standard_error),
        None => escaped(&one.in_all()),
    }
}

fn systems(out: &mut String, together: &Together) {
    section(out, "The systems");
    begin_table(
        out,
        &[
            ("system", false),
            ("law", false),
            ("error of ẏ, of its deviation", true),
            ("followed for", true),
            ("alone, it is", false),
            ("with an error of", true),
        ],
    );
    for one in &together.systems {
        let found = &one.found;
        let best = found.best.and_then(|best| found.theories.get(best));
        let share = |error: Option<f64>| escaped(&error.map_or("–".to_string(), percent));
        let followed = best.and_then(|best| best.followed);
        let followed = followed.map_or("–".to_string(), |[time, of]| {
            format!("{time:.3} of {of:.3}")
        });
        let alone = one.alone.as_ref();
        let formulas = alone.map_or(String::new(), |alone| {
            let each = alone
                .formula
                .iter()
                .map(|text| formula(text, &found.positions));
            each.collect::<Vec<_>>().join("; ")
        });
        let law = if one.shares { "that of all" } else { "its own" };
        row(
            out,
            &[
                format!("<td>{}</td>", escaped(&one.name)),
                format!("<td>{law}</td>"),
                number_cell(&share(best.and_then(|best| best.error))),
                number_cell(&escaped(&followed)),
                format!("<td><span class=\"math\">{formulas}</span></td>"),
                number_cell(&share(alone.and_then(|alone| alone.error))),
            ],
        );
    }
    end_table(out);
}
