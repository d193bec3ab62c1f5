//! `mass recipe`.

use anyhow::Result;
use clap::Args;
use mass_core::Recipe;

use crate::write::print;

#[derive(Args)]
pub(crate) struct Arguments {
    /// `reference`, `paper`, `modern` or `general`.
    name: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let recipe = Recipe::named(&arguments.name)?;
    let toml = recipe.to_toml();
    Ok(print(&format!(
        "# Give it a name of its own when you change it.\n{toml}"
    ))?)
}
