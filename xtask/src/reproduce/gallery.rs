//! The gallery: one static page of all that was made, each picture with its numbers beside the
//! paper's.

use std::path::Path;

use anyhow::{Result, bail};
use mass_core::write_bytes;
use mass_figures::{Folder, gallery};

use super::{job::steps_of, list::FIGURES};

/// Name of the page, in the folder of all outputs.
const PAGE: &str = "gallery.html";

const TITLE: &str = "MASS: the figures beside the paper’s";

/// What stands before the figures, in HTML.
const INTRODUCTION: &str = "Figures and tables of Fu, Liu &amp; Tegmark, <cite>Do Two AI Scientists Agree?</cite> (<a href=\"https://arxiv.org/abs/2504.02822\">arXiv 2504.02822</a>), from trainings of this workspace. Each row is a claim of the paper, or one of ours where it says so: the paper’s number, ours, and whether ours bears the claim out. Without a finite number there is no data; what would come out the same whatever was learned, or what its error leaves open, is no test.";

/// Writes the page of the figures and tables in a folder.
pub(super) fn write(out: &Path) -> Result<()> {
    let mut entries = Vec::new();
    for figure in FIGURES {
        let folder = Folder::new(out, figure.name);
        entries.extend(folder.gallery_entry(figure.heading, figure.caption, steps_of)?);
    }
    let place = out.display();
    if entries.is_empty() {
        bail!(
            "{place} holds no figure yet: make one, `cargo xtask reproduce fig3`, or all of them, `cargo xtask reproduce all`"
        );
    }
    let page = gallery(TITLE, INTRODUCTION, &entries);
    write_bytes(&out.join(PAGE), page.as_bytes())?;
    let many = match entries.len() {
        1 => "figure or table",
        _ => "figures and tables",
    };
    println!("{} {many} in {}", entries.len(), out.join(PAGE).display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_figures_is_said_to_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let error = write(folder.path()).unwrap_err().to_string();
        assert!(error.contains("reproduce all"), "{error}");
    }
}
