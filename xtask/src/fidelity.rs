//! `cargo xtask fidelity`: the tables of `docs/fidelity.md` from the outputs of `reproduce`.
//!
//! The document's prose is written by hand; between `<!-- fig6:begin -->` and `<!-- fig6:end -->`
//! stands what this command writes: how Figure 6 was made and its comparison. Between
//! `<!-- table2.md:begin -->` and `<!-- table2.md:end -->` stands the table itself.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use mass_figures::{Folder, Renewed};

use crate::reproduce::{Target, job::steps_of};

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
    let (path, from) = (&arguments.into, &arguments.from);
    let found = Renewed::document(path, from, steps_of).with_context(|| {
        format!(
            "{} should be a document with `<!-- fig3:begin -->` and `<!-- fig3:end -->` where Figure 3's table belongs",
            path.display()
        )
    })?;
    let (shown, made_in) = (path.display(), from.display());
    let any = !found.renewed.is_empty();
    ensure!(
        any,
        "{made_in} has nothing that {shown} shows: `cargo xtask reproduce fig10 --out {made_in}`, say, makes it"
    );
    println!("{shown}: renewed {}", found.renewed.join(", "));
    if !found.kept.is_empty() {
        let kept = found.kept.join(", ");
        println!("left as they were, for {made_in} has none: {kept}");
    }
    let made = Target::each().map(|target| target.name().to_string());
    let made = made.filter(|name| Folder::new(from, name).is_made());
    let homeless: Vec<String> = made.filter(|name| !found.renewed.contains(name)).collect();
    if !homeless.is_empty() {
        println!(
            "made, but without a place (`<!-- NAME:begin -->` and `<!-- NAME:end -->`): {}",
            homeless.join(", ")
        );
    }
    Ok(())
}
