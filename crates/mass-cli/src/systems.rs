//! `mass systems`.

use anyhow::Result;
use clap::Args;

use crate::write::print;

#[derive(Args)]
pub(crate) struct Arguments {
    /// One of them alone.
    name: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let systems = match &arguments.name {
        Some(name) => vec![mass_systems::lookup(name)?],
        None => mass_systems::all(),
    };
    let mut text = String::new();
    for system in systems {
        text.push_str(&format!(
            "{}  (d = {})\n    {}\n",
            system.id(),
            system.dof(),
            system.formula()
        ));
    }
    Ok(print(&text)?)
}
