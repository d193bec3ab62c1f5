//! `cargo xtask fidelity`: the tables of `docs/fidelity.md` from the outputs of `reproduce`.
//!
//! The document's prose is written by hand; between `<!-- fig6:begin -->` and `<!-- fig6:end -->`
//! stands what this command writes: how Figure 6 was made and its comparison. Between
//! `<!-- table2.md:begin -->` and `<!-- table2.md:end -->` stands the table itself.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use mass_core::{create_dir, write_bytes};

use mass_figures::{Claim, Made, claims_table, renew};

use crate::reproduce::{
    Target,
    output::{read_json, steps_of},
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
    let written = renew::<anyhow::Error>(&text, |name| {
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
    let made = Target::each().map(|target| target.name().to_string());
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
    let claims: Vec<Claim> = read_json(&folder.join("comparison.json"))?;
    let (command, words) = (&made.command, made.words(steps_of));
    let table = claims_table(&claims);
    Ok(Some(format!(
        "`{command}` ({words})\n\n{}",
        table.trim_end()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

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
