//! A document's tables made anew from the folders of figures.

use std::{fs, path::Path};

use mass_runs::{Error, create_dir, read_text, write_bytes};

use crate::document::renew;
use crate::folder::{FileError, Folder};
use crate::made::UsualSteps;

/// What became of the blocks of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Renewed {
    /// The blocks that were made anew, in order.
    pub renewed: Vec<String>,
    /// Those that stay as they were, for there is nothing of their name.
    pub kept: Vec<String>,
}

impl Renewed {
    /// Makes the blocks of a document anew from the folders in `from`: between `<!-- fig3:begin -->` and
    /// `<!-- fig3:end -->` how fig3 was made and its claims, between `<!-- table2.md:begin -->` and
    /// `<!-- table2.md:end -->` the table itself.
    ///
    /// A picture that the document shows (`figures/fig3.svg`) and data that it links (`data/fig3.json`) are copied
    /// beside it.
    ///
    /// # Errors
    /// Files that do not read or cannot be written, and markers that do not match.
    pub fn document(path: &Path, from: &Path, usual: UsualSteps) -> Result<Self, FileError> {
        let text = read_text(path)?;
        let mut found = Self::default();
        let written = renew::<FileError>(&text, |name| {
            let block = match name.strip_suffix(".md") {
                Some(table) => {
                    let table = Folder::new(from, table).table()?;
                    table.map(|text| text.trim_end().to_string())
                }
                None => Folder::new(from, name).block(usual)?,
            };
            match block {
                Some(_) => found.renewed.push(name.to_string()),
                None => found.kept.push(name.to_string()),
            }
            Ok(block)
        })?;
        write_bytes(path, written.as_bytes())?;
        let beside = path.parent().unwrap_or(Path::new(""));
        for name in &found.renewed {
            for (folder, kind) in [("figures", "svg"), ("data", "json")] {
                let made = Folder::new(from, name).file(kind);
                let shown = format!("{folder}/{name}.{kind}");
                if made.exists() && written.contains(&shown) {
                    let bytes = fs::read(&made);
                    let bytes = bytes.map_err(|cause| Error::file("read", &made, cause))?;
                    create_dir(&beside.join(folder))?;
                    write_bytes(&beside.join(shown), &bytes)?;
                }
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::Made;

    const BLOCK: &str = "<!-- fig3:begin -->\n<!-- fig3:end -->\n";

    #[test]
    fn what_was_not_made_stays() {
        let folder = tempfile::tempdir().unwrap();
        let document = folder.path().join("README.md");
        let text = format!("{BLOCK}<!-- table2.md:begin -->old<!-- table2.md:end -->\n");
        fs::write(&document, &text).unwrap();
        let found = Renewed::document(&document, folder.path(), |_| 1).unwrap();
        assert!(found.renewed.is_empty());
        assert_eq!(found.kept, ["fig3", "table2.md"]);
        assert_eq!(fs::read_to_string(&document).unwrap(), text);
        // And once there is a table, it stands there.
        let table = Folder::new(folder.path(), "table2");
        table.write_table("| new |\n").unwrap();
        let found = Renewed::document(&document, folder.path(), |_| 1).unwrap();
        assert_eq!(found.renewed, ["table2.md"]);
        let text = fs::read_to_string(&document).unwrap();
        assert!(
            text.contains("\n\n| new |\n\n<!-- table2.md:end -->"),
            "{text}"
        );
    }

    #[test]
    fn what_a_document_shows_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let made = Made {
            command: "cargo xtask reproduce fig3".into(),
            trainings: Vec::new(),
            chosen: None,
        };
        let fig3 = Folder::new(&at("runs"), "fig3");
        fig3.write_claims(&made, &[]).unwrap();
        fs::write(fig3.file("svg"), "<svg/>").unwrap();
        fs::write(fig3.file("json"), "{}").unwrap();
        let run = || Renewed::document(&at("README.md"), &at("runs"), |_| 1).unwrap();
        // A picture is copied where it is shown, data where they are linked.
        fs::write(at("README.md"), format!("{BLOCK}![](figures/fig3.svg)\n")).unwrap();
        assert_eq!(run().renewed, ["fig3"]);
        let text = fs::read_to_string(at("README.md")).unwrap();
        assert!(text.contains("reproduce fig3"), "{text}");
        assert_eq!(fs::read(at("figures/fig3.svg")).unwrap(), b"<svg/>");
        assert!(!at("data").exists());
        fs::write(at("README.md"), format!("{BLOCK}[data](data/fig3.json)\n")).unwrap();
        run();
        assert_eq!(fs::read(at("data/fig3.json")).unwrap(), b"{}");
    }
}
