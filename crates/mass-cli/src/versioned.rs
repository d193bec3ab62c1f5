//! JSON files that say their format.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, de::DeserializeOwned};

/// Reads the text of a file that is called `name` where `learn` writes one; a format newer than this is refused by its
/// number, before its keys are looked at.
pub(crate) fn read<T: DeserializeOwned>(
    text: &str,
    file: &Path,
    name: &str,
    newest: u32,
) -> Result<T> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let of = || format!("{} is not a {name} of `mass learn`", file.display());
    let format: Format = serde_json::from_str(text).with_context(of)?;
    ensure!(
        format.format <= newest,
        "{} is of format {}, this program knows {newest}: take a newer `mass`",
        file.display(),
        format.format
    );
    serde_json::from_str(text).with_context(|| format!("{} is damaged", file.display()))
}
