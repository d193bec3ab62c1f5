//! The gallery: one static page of all that was made, each picture with its numbers beside the
//! paper's.

use std::{fmt::Write, path::Path};

use anyhow::{Result, bail};
use mass_core::write_bytes;

use super::{
    Target,
    output::{Made, read_json},
};
use crate::comparison::{Comparison, number};

/// Name of the page, in the folder of all outputs.
const PAGE: &str = "gallery.html";

/// Writes the page of the figures and tables in a folder.
pub(super) fn write(out: &Path) -> Result<()> {
    let mut entries = Vec::new();
    for target in Target::each() {
        let folder = out.join(target.name());
        let comparison = folder.join("comparison.json");
        if !comparison.exists() || target == Target::Gallery {
            continue;
        }
        let table = folder.join(format!("{}.md", target.name()));
        let picture = format!("{0}/{0}.svg", target.name());
        entries.push(Entry {
            target,
            comparisons: read_json(&comparison)?,
            made: read_json(&folder.join("made.json"))?,
            table: table
                .exists()
                .then(|| std::fs::read_to_string(&table))
                .transpose()?,
            picture: out.join(&picture).exists().then_some(picture),
        });
    }
    if entries.is_empty() {
        bail!(
            "{} holds no figure yet: make one, `cargo xtask reproduce fig3`, or all of them, `cargo xtask reproduce all`",
            out.display()
        );
    }
    let path = out.join(PAGE);
    write_bytes(&path, page(&entries)?.as_bytes())?;
    let many = if entries.len() == 1 {
        "figure or table"
    } else {
        "figures and tables"
    };
    println!("{} {many} in {}", entries.len(), path.display());
    Ok(())
}

/// A figure or table of the page.
struct Entry {
    target: Target,
    comparisons: Vec<Comparison>,
    made: Made,
    /// Markdown, of what is a table.
    table: Option<String>,
    /// Path of the picture from the page.
    picture: Option<String>,
}

/// Its heading, and what it shows in one sentence.
fn caption(target: Target) -> (&'static str, &'static str) {
    match target {
        Target::Fig3 => (
            "Figure 3",
            "One scientist learns the harmonic oscillator: (a) its error and its significant weights against the training step; (b) the motion that it learned beside the true one.",
        ),
        Target::Fig4 => (
            "Figure 4",
            "Contours of (a) the learned scalar S and (b) x² + y².",
        ),
        Target::Fig5 => (
            "Figure 5",
            "(a) Mean activation and weight of every term; (b) correlations of the significant activations in clustered order.",
        ),
        Target::Fig6 => (
            "Figure 6",
            "Scientists who meet one system after the other: (a) the loss over all systems seen; (b) the largest test error. Broken lines are the borders of phases and, in (b), the error below which a scientist is correct.",
        ),
        Target::Fig7 => (
            "Figure 7",
            "Correlations of one scientist's significant activations, a row a phase and a column a system.",
        ),
        Target::Fig8 => (
            "Figure 8",
            "How strongly scientists trained on one system use each term: a row a scientist, darker is stronger.",
        ),
        Target::Fig9 => (
            "Figure 9",
            "Correlations between scientists of the first principal component of their activations, and the share of the variance that it explains.",
        ),
        Target::Fig10 => (
            "Figure 10",
            "Against the number of systems: the share of correct scientists, the error read (a) as RMSE and (b) as MSE, with 95 % intervals; (c) the mean number of significant terms with its standard error.",
        ),
        Target::Fig11 => (
            "Figure 11",
            "Against the number of systems: (a) Hamiltonian or Lagrangian by the signs of the fit S ≈ c₁T + c₂V + c₀; (b) R² of fitting activations to those of the exact theories, mean and standard deviation; (c) how well Euler–Lagrange and −S_x compute the law with the learned scalar.",
        ),
        Target::Fig13 => (
            "Figure 13",
            "Mean absolute activations on the harmonic oscillator: (a) scientist by scientist; (b) their spread.",
        ),
        Target::Fig14 => (
            "Figure 14",
            "The spring-mass system: (a) mean absolute activations; (b) the distribution of the first principal component over the states.",
        ),
        Target::Fig15 => (
            "Figure 15",
            "The relativistic oscillator (a, b) and the pendulum (c, d): mean absolute activations, and the distribution of the first principal component.",
        ),
        Target::Fig16 => (
            "Figure 16",
            "Contours of the learned scalar S: three systems by three scientists, each trained on that system alone. Grey is outside the states.",
        ),
        Target::Table1 => ("Table 1", "The systems, each held against its Lagrangian."),
        Target::Table2 => (
            "Table 2",
            "R² on held-out states of bringing correct scientists' activations down to the two terms of Euler–Lagrange, or to −S_x of Hamilton.",
        ),
        Target::Table3 => ("Table 3", "The hyperparameters, and a training by them."),
        Target::Agreement => (
            "Agreement",
            "Not in the paper. How far every two scientists can exchange their scalars (1: fully): (a) the matrix, families together; (b) a map on which near means agreeing; (c) the mean against the number of systems.",
        ),
        Target::Spread => (
            "Spread",
            "Not in the paper. Figure 3's numbers over many scientists.",
        ),
        Target::Gallery | Target::All => ("", ""),
    }
}

/// The colours follow the reader's, the pictures stay on white.
const STYLE: &str = "\
:root { color-scheme: light dark; --ink: #222; --soft: #666; --line: #ddd; --page: #fff; --yes: #00704f; --no: #b3420a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --soft: #a0a0a0; --line: #3a3a3a; --page: #161616; --yes: #4cc9a0; --no: #f0935c; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
a { color: inherit; }
h2 { margin: 3.5rem 0 0.25rem; border-top: 1px solid var(--line); padding-top: 1.5rem; }
nav ul { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0.25rem 1.5rem; }
nav li { display: flex; justify-content: space-between; border-bottom: 1px solid var(--line); }
img { width: 100%; height: auto; background: #fff; border-radius: 4px; margin: 0.75rem 0; }
.made, .files { color: var(--soft); font-size: 0.875rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.875rem; margin: 0.75rem 0; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--line); }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.yes { color: var(--yes); } .no { color: var(--no); } .open { color: var(--soft); }
code { font-size: 0.9em; }
";

fn page(entries: &[Entry]) -> Result<String> {
    let mut html = String::new();
    writeln!(
        html,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>MASS: the figures beside the paper's</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>MASS: the figures beside the paper’s</h1>"
    )?;
    writeln!(
        html,
        "<p>Figures and tables of Fu, Liu &amp; Tegmark, <cite>Do Two AI Scientists Agree?</cite> (<a href=\"https://arxiv.org/abs/2504.02822\">arXiv 2504.02822</a>), from trainings of this workspace. Each row is a claim of the paper, or one of ours where it says so: the paper’s number, ours, and whether ours bears the claim out. Without a finite number there is no data; what would come out the same whatever was learned is no test.</p>\n<nav aria-label=\"Figures and tables\">\n<ul>"
    )?;
    for entry in entries {
        let (held, judged) = entry.held();
        writeln!(
            html,
            "<li><a href=\"#{}\">{}</a> <span>{held} of {judged} hold</span></li>",
            entry.target.name(),
            caption(entry.target).0
        )?;
    }
    writeln!(html, "</ul>\n</nav>\n<main>")?;
    for entry in entries {
        section(&mut html, entry)?;
    }
    writeln!(html, "</main>\n</body>\n</html>")?;
    Ok(html)
}

impl Entry {
    /// How many claims hold, of those that could be judged.
    fn held(&self) -> (usize, usize) {
        let judged = self.comparisons.iter().filter_map(|one| one.holds);
        let judged: Vec<bool> = judged.collect();
        (judged.iter().filter(|held| **held).count(), judged.len())
    }
}

fn section(html: &mut String, entry: &Entry) -> Result<()> {
    let name = entry.target.name();
    let (heading, shows) = caption(entry.target);
    writeln!(
        html,
        "<section id=\"{name}\">\n<h2>{heading}</h2>\n<p>{}</p>",
        escaped(shows)
    )?;
    let mut made = format!(
        "<code>{}</code> · {}",
        escaped(&entry.made.command),
        code(&entry.made.words())
    );
    let revisions = entry.made.revisions();
    if !revisions.is_empty() {
        write!(made, " · revision {}", escaped(&revisions.join(", ")))?;
    }
    writeln!(html, "<p class=\"made\">{made}</p>")?;
    if let Some(picture) = &entry.picture {
        writeln!(
            html,
            "<a href=\"{picture}\"><img src=\"{picture}\" alt=\"{}\" loading=\"lazy\"></a>",
            escaped(&format!("{heading}. {shows}"))
        )?;
    }
    if let Some(table) = &entry.table {
        writeln!(html, "{}", from_markdown(table)?)?;
    }
    writeln!(
        html,
        "<div class=\"wide\">\n<table>\n<thead><tr><th scope=\"col\">quantity</th><th scope=\"col\" class=\"number\">paper</th><th scope=\"col\" class=\"number\">ours</th><th scope=\"col\">unit</th><th scope=\"col\">holds</th><th scope=\"col\">claim</th></tr></thead>\n<tbody>"
    )?;
    for row in &entry.comparisons {
        let class = match row.holds {
            Some(true) => "yes",
            Some(false) => "no",
            None => "open",
        };
        let holds = row.holds_text();
        writeln!(
            html,
            "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td>{}</td><td class=\"{class}\">{holds}</td><td>{}</td></tr>",
            escaped(&row.quantity),
            row.paper.map_or("–".to_string(), minus),
            row.ours.map_or("–".to_string(), minus),
            escaped(&row.unit),
            escaped(&row.claim_text()),
        )?;
    }
    writeln!(html, "</tbody>\n</table>\n</div>")?;
    let files: Vec<String> = ["json", "svg", "png", "md"]
        .iter()
        .filter(|kind| match **kind {
            "md" => entry.table.is_some(),
            "svg" | "png" => entry.picture.is_some(),
            _ => true,
        })
        .map(|kind| format!("<a href=\"{name}/{name}.{kind}\">{name}.{kind}</a>"))
        .collect();
    writeln!(
        html,
        "<p class=\"files\">{}, <a href=\"{name}/comparison.json\">comparison.json</a>, <a href=\"{name}/made.json\">made.json</a></p>\n</section>",
        files.join(", ")
    )?;
    Ok(())
}

/// A number with the sign that print has.
fn minus(value: f64) -> String {
    number(value).replace('-', "−")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Text whose words in backticks are code.
fn code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(place, part)| match place % 2 {
            1 => format!("<code>{}</code>", escaped(part)),
            _ => escaped(part),
        })
        .collect()
}

/// The tables of a Markdown file as this program writes them: headers, rule, rows.
fn from_markdown(text: &str) -> Result<String> {
    let mut html = String::new();
    for table in text.split("\n\n") {
        let mut lines = table.lines().filter(|line| line.starts_with('|'));
        let Some(headers) = lines.next() else {
            continue;
        };
        let rule = lines.next().map(cells).unwrap_or_default();
        let class = |column: usize| match rule.get(column) {
            Some(rule) if rule.ends_with(':') => " class=\"number\"",
            _ => "",
        };
        writeln!(html, "<div class=\"wide\">\n<table>")?;
        let head: String = cells(headers)
            .iter()
            .enumerate()
            .map(|(i, cell)| format!("<th scope=\"col\"{}>{}</th>", class(i), code(cell)))
            .collect();
        writeln!(html, "<thead><tr>{head}</tr></thead>\n<tbody>")?;
        for line in lines {
            let row: String = cells(line)
                .iter()
                .enumerate()
                .map(|(i, cell)| format!("<td{}>{}</td>", class(i), code(cell)))
                .collect();
            writeln!(html, "<tr>{row}</tr>")?;
        }
        writeln!(html, "</tbody>\n</table>\n</div>")?;
    }
    Ok(html.trim_end().to_string())
}

/// The cells of a row; an escaped bar is a bar.
fn cells(line: &str) -> Vec<String> {
    let hidden = line.trim().trim_matches('|').replace("\\|", "\u{0}");
    let cells = hidden.split('|');
    cells
        .map(|cell| cell.trim().replace('\u{0}', "|"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(target: Target) -> Entry {
        Entry {
            target,
            comparisons: vec![
                Comparison::new("R² < 1 & more", 0.9, -2e-5, "1", "it \"holds\"", true),
                Comparison::new("refuted", None, 2.0, "%", "it does not", false).of_ours(),
                Comparison::new("lost", None, f64::NAN, "%", "it does not", false),
            ],
            made: Made {
                command: "cargo xtask reproduce x".into(),
                trainings: Vec::new(),
                chosen: None,
            },
            table: Some("| a   | Σ\\|w\\| |\n| --- | ---: |\n| `x` | 3 |\n".into()),
            picture: Some("fig3/fig3.svg".into()),
        }
    }

    /// Every tag that is opened is closed, in order; returns the ids and the targets of links.
    fn check(html: &str) -> (Vec<String>, Vec<String>) {
        let (mut open, mut ids, mut links) = (Vec::new(), Vec::new(), Vec::new());
        for piece in html.split('<').skip(1) {
            let (tag, _) = piece.split_once('>').expect("a tag ends");
            let name = tag.split([' ', '/']).next().unwrap();
            if let Some(closed) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed.to_string()), "in <{tag}>");
                continue;
            }
            for (attribute, list) in [("id=\"", &mut ids), ("href=\"", &mut links)] {
                if let Some((_, rest)) = tag.split_once(attribute) {
                    list.push(rest.split('"').next().unwrap().to_string());
                }
            }
            if !["!DOCTYPE", "meta", "img"].contains(&name) {
                open.push(name.to_string());
            }
        }
        assert!(open.is_empty(), "left open: {open:?}");
        (ids, links)
    }

    #[test]
    fn the_page_is_whole_and_its_links_lead_somewhere() {
        let html = page(&[entry(Target::Fig3), entry(Target::Table2)]).unwrap();
        let (ids, links) = check(&html);
        assert_eq!(ids, ["fig3", "table2"]);
        for link in links.iter().filter(|link| link.starts_with('#')) {
            assert!(ids.contains(&link[1..].to_string()), "{link}");
        }
        assert!(links.contains(&"fig3/fig3.json".to_string()), "{links:?}");
        assert!(html.contains("<td>R² &lt; 1 &amp; more</td>"));
        assert!(html.contains("<td class=\"number\">−2.0e−5</td>"));
        assert!(html.contains("<td class=\"number\">–</td>"));
        assert!(html.contains("<td class=\"open\">no data</td>"));
        assert!(html.contains("<td>ours: it does not</td>"));
        assert!(
            html.contains("1 of 2 hold"),
            "what has no data is not counted"
        );
        assert!(html.contains("<th scope=\"col\" class=\"number\">Σ|w|</th>"));
        assert!(html.contains("<td><code>x</code></td>"));
    }

    #[test]
    fn everything_that_can_be_made_has_a_caption() {
        for target in Target::each().filter(|target| *target != Target::Gallery) {
            let (heading, shows) = caption(target);
            assert!(
                !heading.is_empty() && shows.ends_with('.'),
                "{}",
                target.name()
            );
        }
    }

    #[test]
    fn a_folder_without_figures_is_said_to_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let error = write(folder.path()).unwrap_err().to_string();
        assert!(error.contains("reproduce all"), "{error}");
    }
}
