//! `cargo xtask fidelity`: the tables of `docs/fidelity.md` from the outputs of `reproduce`.
//!
//! The document's prose is written by hand; between `<!-- fig6:begin -->` and `<!-- fig6:end -->`
//! stands what this command writes: how Figure 6 was made and its comparison. Between
//! `<!-- table2.md:begin -->` and `<!-- table2.md:end -->` stands the table itself.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use mass_core::{create_dir, write_bytes};

use crate::{
    comparison::{Comparison, number},
    reproduce::{
        Target,
        output::{Made, read_json},
    },
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Folder of the outputs of `reproduce`.
    #[arg(long, default_value = "runs")]
    from: PathBuf,
    /// The document; pictures that it shows lie in `figures/` beside it, data that it links in `data/`.
    #[arg(long, default_value = "docs/fidelity.md")]
    into: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let path = &arguments.into;
    let text =
        fs::read_to_string(path).with_context(|| {
            format!(
                "cannot read {}, which should be a document with `<!-- fig3:begin -->` and `<!-- fig3:end -->` where Figure 3's table belongs",
                path.display()
            )
        })?;
    let (mut renewed, mut kept) = (Vec::new(), Vec::new());
    let written = renew(&text, |name| {
        let block = block(&arguments.from, name)?;
        match block {
            Some(_) => renewed.push(name.to_string()),
            None => kept.push(name.to_string()),
        }
        Ok(block)
    })
    .with_context(|| path.display().to_string())?;
    write_bytes(path, written.as_bytes())?;
    for name in &renewed {
        for (folder, kind) in [("figures", "svg"), ("data", "json")] {
            let made = arguments.from.join(name).join(format!("{name}.{kind}"));
            let shown = format!("{folder}/{name}.{kind}");
            if made.exists() && written.contains(&shown) {
                let bytes =
                    fs::read(&made).with_context(|| format!("cannot read {}", made.display()))?;
                let beside = path.parent().unwrap_or(Path::new(""));
                create_dir(&beside.join(folder))?;
                write_bytes(&beside.join(shown), &bytes)?;
            }
        }
    }
    println!("{}: renewed {}", path.display(), list(&renewed));
    if !kept.is_empty() {
        println!(
            "left as they were, for {} has none: {}",
            arguments.from.display(),
            list(&kept)
        );
    }
    let made = Target::each().map(Target::name);
    let made = made.filter(|name| arguments.from.join(name).join("comparison.json").exists());
    let homeless: Vec<String> = made.filter(|name| !renewed.contains(name)).collect();
    if !homeless.is_empty() {
        println!(
            "made, but without a place (`<!-- NAME:begin -->` and `<!-- NAME:end -->`): {}",
            list(&homeless)
        );
    }
    Ok(())
}

fn list(names: &[String]) -> String {
    match names.is_empty() {
        true => "nothing".to_string(),
        false => names.join(", "),
    }
}

/// What stands between the markers of a name; `None` if it was not made.
fn block(from: &Path, name: &str) -> Result<Option<String>> {
    if let Some(table) = name.strip_suffix(".md") {
        let path = from.join(table).join(name);
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        return Ok(Some(text.trim_end().to_string()));
    }
    let folder = from.join(name);
    if !folder.join("comparison.json").exists() {
        return Ok(None);
    }
    let made: Made = read_json(&folder.join("made.json"))?;
    let comparisons: Vec<Comparison> = read_json(&folder.join("comparison.json"))?;
    Ok(Some(comparison(&made, &comparisons)))
}

/// How a figure was made, and its comparison.
fn comparison(made: &Made, comparisons: &[Comparison]) -> String {
    let mut text = format!("`{}` ({})\n\n", made.command, made.words());
    text.push_str("| quantity | paper | ours | unit | holds | claim |\n");
    text.push_str("|---|---:|---:|---|---|---|\n");
    let number = |value: f64| number(value).replace('-', "−");
    let cell = |text: &str| text.replace('|', "\\|");
    for row in comparisons {
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            cell(&row.quantity),
            row.paper.map_or("–".to_string(), number),
            row.ours.map_or("–".to_string(), number),
            cell(&row.unit),
            row.holds_text(),
            cell(&row.claim_text()),
        ));
    }
    text.trim_end().to_string()
}

/// The text with every block between markers made anew; a block that is not made stays as it is.
fn renew(text: &str, mut of: impl FnMut(&str) -> Result<Option<String>>) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("<!-- ") {
        let marker = &rest[start..];
        let Some(end) = marker.find(" -->") else {
            break;
        };
        let (inside, length) = (&marker["<!-- ".len()..end], end + " -->".len());
        let Some((name, edge)) = inside.rsplit_once(':') else {
            // Another comment.
            out.push_str(&rest[..start + length]);
            rest = &rest[start + length..];
            continue;
        };
        if edge != "begin" {
            bail!("`<!-- {inside} -->` has no `<!-- {name}:begin -->` before it");
        }
        let close = format!("<!-- {name}:end -->");
        let body = &rest[start + length..];
        let Some(until) = body.find(&close) else {
            bail!("`<!-- {inside} -->` has no `{close}` after it");
        };
        if body[..until].contains(":begin -->") {
            bail!("another block begins between `<!-- {inside} -->` and `{close}`");
        }
        out.push_str(&rest[..start + length]);
        match of(name)? {
            Some(block) => out.push_str(&format!("\n\n{block}\n\n")),
            None => out.push_str(&body[..until]),
        }
        out.push_str(&close);
        rest = &body[until + close.len()..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_renewed_and_prose_is_kept() {
        let text = "# A\n<!-- a comment -->\n<!-- fig6:begin -->\nold\n<!-- fig6:end -->\nprose\n<!-- t.md:begin --><!-- t.md:end -->\n";
        let renewed = renew(text, |name| Ok((name == "fig6").then(|| "new".to_string()))).unwrap();
        assert_eq!(
            renewed,
            "# A\n<!-- a comment -->\n<!-- fig6:begin -->\n\nnew\n\n<!-- fig6:end -->\nprose\n<!-- t.md:begin --><!-- t.md:end -->\n"
        );
        // Once more, and nothing changes.
        let again = renew(&renewed, |_| Ok(None)).unwrap();
        assert_eq!(again, renewed);
        let again = renew(&renewed, |name| {
            Ok((name == "fig6").then(|| "new".to_string()))
        });
        assert_eq!(again.unwrap(), renewed);
    }

    #[test]
    fn markers_that_do_not_match_are_named() {
        let fails = |text: &str| renew(text, |_| Ok(None)).unwrap_err().to_string();
        assert!(fails("<!-- fig6:begin --> x").contains("<!-- fig6:end -->"));
        assert!(fails("<!-- fig6:end -->").contains("<!-- fig6:begin -->"));
        let nested = "<!-- a:begin --><!-- b:begin --><!-- b:end --><!-- a:end -->";
        assert!(fails(nested).contains("another block"));
    }

    #[test]
    fn the_table_is_that_of_the_document() {
        let made = Made {
            command: "cargo xtask reproduce fig3".into(),
            trainings: Vec::new(),
            chosen: None,
        };
        let rows = [
            Comparison::new("Σ|w|", 42.0, -93.0, "terms", "it falls", true),
            Comparison::new("RMSE", None, 3.3e-4, "1", "it trains", false).of_ours(),
            Comparison::new("lost", None, f64::NAN, "1", "it lives", true),
        ];
        assert_eq!(
            comparison(&made, &rows),
            "`cargo xtask reproduce fig3` (no training)\n\n| quantity | paper | ours | unit | holds | claim |\n|---|---:|---:|---|---|---|\n| Σ\\|w\\| | 42 | −93 | terms | yes | it falls |\n| RMSE | – | 3.3e−4 | 1 | no | ours: it trains |\n| lost | – | – | 1 | no data | it lives |"
        );
    }

    #[test]
    fn what_was_not_made_stays() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(block(folder.path(), "fig6").unwrap(), None);
        assert_eq!(block(folder.path(), "table2.md").unwrap(), None);
    }

    #[test]
    fn what_a_document_shows_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("runs/fig3")).unwrap();
        let made = Made {
            command: "cargo xtask reproduce fig3".into(),
            trainings: Vec::new(),
            chosen: None,
        };
        fs::write(
            at("runs/fig3/made.json"),
            serde_json::to_string(&made).unwrap(),
        )
        .unwrap();
        fs::write(at("runs/fig3/comparison.json"), "[]").unwrap();
        fs::write(at("runs/fig3/fig3.svg"), "<svg/>").unwrap();
        fs::write(at("runs/fig3/fig3.json"), "{}").unwrap();
        let arguments = Arguments {
            from: at("runs"),
            into: at("README.md"),
        };
        let block = "<!-- fig3:begin -->\n<!-- fig3:end -->\n";
        // A picture is copied where it is shown, data where they are linked.
        fs::write(at("README.md"), format!("{block}![](figures/fig3.svg)\n")).unwrap();
        run(&arguments).unwrap();
        assert!(
            fs::read_to_string(at("README.md"))
                .unwrap()
                .contains("reproduce fig3")
        );
        assert_eq!(fs::read(at("figures/fig3.svg")).unwrap(), b"<svg/>");
        assert!(!at("data").exists());
        fs::write(at("README.md"), format!("{block}[data](data/fig3.json)\n")).unwrap();
        run(&arguments).unwrap();
        assert_eq!(fs::read(at("data/fig3.json")).unwrap(), b"{}");
    }
}
