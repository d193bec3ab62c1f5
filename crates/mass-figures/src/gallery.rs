//! A static page of figures and tables, each with its claims.

use crate::claim::Claim;

/// A figure or table of a [`gallery`]. Its files are taken to lie in a folder of its name beside the
/// page: `fig3/fig3.json`, `fig3/comparison.json`, `fig3/made.json`.
#[derive(Debug, Clone)]
pub struct GalleryEntry {
    /// Its name, `fig3`.
    pub name: String,
    /// Its name in print, `Figure 3`.
    pub heading: String,
    /// What it shows, in a sentence or two.
    pub caption: String,
    /// The command that makes it.
    pub command: String,
    /// What it was made from, in words; words in backticks are code.
    pub made: String,
    /// Its claims.
    pub claims: Vec<Claim>,
    /// Its table as Markdown, as [`markdown`](crate::markdown) writes it, if it has one.
    pub table: Option<String>,
    /// Has it a picture, `fig3/fig3.svg`?
    pub picture: bool,
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

/// The page: a title, an introduction in HTML, and a section for each entry.
pub fn gallery(title: &str, introduction: &str, entries: &[GalleryEntry]) -> String {
    let title = escaped(title);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n<p>{introduction}</p>\n<nav aria-label=\"Figures and tables\">\n<ul>\n"
    );
    for entry in entries {
        let judged: Vec<bool> = entry.claims.iter().filter_map(|one| one.holds).collect();
        let held = judged.iter().filter(|held| **held).count();
        html.push_str(&format!(
            "<li><a href=\"#{}\">{}</a> <span>{held} of {} hold</span></li>\n",
            entry.name,
            escaped(&entry.heading),
            judged.len()
        ));
    }
    html.push_str("</ul>\n</nav>\n<main>\n");
    for entry in entries {
        entry.section(&mut html);
    }
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

impl GalleryEntry {
    fn section(&self, html: &mut String) {
        let (name, heading) = (&self.name, escaped(&self.heading));
        let caption = escaped(&self.caption);
        let (command, made) = (escaped(&self.command), code(&self.made));
        html.push_str(&format!(
            "<section id=\"{name}\">\n<h2>{heading}</h2>\n<p>{caption}</p>\n<p class=\"made\"><code>{command}</code> · {made}</p>\n"
        ));
        if self.picture {
            html.push_str(&format!(
                "<a href=\"{name}/{name}.svg\"><img src=\"{name}/{name}.svg\" alt=\"{heading}. {caption}\" loading=\"lazy\"></a>\n"
            ));
        }
        if let Some(table) = &self.table {
            html.push_str(&from_markdown(table));
        }
        html.push_str(
            "<div class=\"wide\">\n<table>\n<thead><tr><th scope=\"col\">quantity</th><th scope=\"col\" class=\"number\">paper</th><th scope=\"col\" class=\"number\">ours</th><th scope=\"col\">unit</th><th scope=\"col\">holds</th><th scope=\"col\">claim</th></tr></thead>\n<tbody>\n",
        );
        for row in &self.claims {
            let [paper, ours] = row.printed();
            let class = match row.holds {
                Some(true) => "yes",
                Some(false) => "no",
                None => "open",
            };
            html.push_str(&format!(
                "<tr><td>{}</td><td class=\"number\">{paper}</td><td class=\"number\">{ours}</td><td>{}</td><td class=\"{class}\">{}</td><td>{}</td></tr>\n",
                escaped(&row.quantity),
                escaped(&row.unit),
                row.verdict(),
                escaped(&row.words()),
            ));
        }
        html.push_str("</tbody>\n</table>\n</div>\n");
        let kinds = [
            ("json", true),
            ("svg", self.picture),
            ("png", self.picture),
            ("md", self.table.is_some()),
        ];
        let files = kinds.iter().filter(|(_, there)| *there);
        let files =
            files.map(|(kind, _)| format!("<a href=\"{name}/{name}.{kind}\">{name}.{kind}</a>"));
        html.push_str(&format!(
            "<p class=\"files\">{}, <a href=\"{name}/comparison.json\">comparison.json</a>, <a href=\"{name}/made.json\">made.json</a></p>\n</section>\n",
            files.collect::<Vec<_>>().join(", ")
        ));
    }
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
fn from_markdown(text: &str) -> String {
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
        let head: String = cells(headers)
            .iter()
            .enumerate()
            .map(|(i, cell)| format!("<th scope=\"col\"{}>{}</th>", class(i), code(cell)))
            .collect();
        html.push_str(&format!(
            "<div class=\"wide\">\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n"
        ));
        for line in lines {
            let row: String = cells(line)
                .iter()
                .enumerate()
                .map(|(i, cell)| format!("<td{}>{}</td>", class(i), code(cell)))
                .collect();
            html.push_str(&format!("<tr>{row}</tr>\n"));
        }
        html.push_str("</tbody>\n</table>\n</div>\n");
    }
    html
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
    use crate::claim::claim;

    fn entry(name: &str) -> GalleryEntry {
        GalleryEntry {
            name: name.into(),
            heading: format!("The {name}"),
            caption: "What it shows.".into(),
            claims: vec![
                claim("it \"holds\"")
                    .measured("R² < 1 & more", -2e-5)
                    .paper(0.9)
                    .holds(true),
                claim("it does not")
                    .measured("refuted", 2.0)
                    .unit("%")
                    .holds(false)
                    .of_ours(),
                claim("it does not")
                    .measured("lost", f64::NAN)
                    .unit("%")
                    .holds(false),
            ],
            command: "cargo xtask reproduce x".into(),
            made: "recipe `reference`".into(),
            table: Some("| a   | Σ\\|w\\| |\n| --- | ---: |\n| `x` | 3 |\n".into()),
            picture: true,
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
        let html = gallery(
            "a & b",
            "by <cite>us</cite>",
            &[entry("fig3"), entry("table2")],
        );
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
        assert!(
            html.contains("<title>a &amp; b</title>") && html.contains("<p>by <cite>us</cite></p>")
        );
    }
}
