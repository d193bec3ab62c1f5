//! The folder of a figure or table: its files, and what may replace them.

use std::path::{Path, PathBuf};

use mass_runs::{create_dir, read_text, write_bytes};
use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

use crate::claim::{Claim, VERDICTS, terminal};
use crate::document::{MarkerError, claims_table};
use crate::gallery::GalleryEntry;
use crate::made::{Made, Planned, UsualSteps};
use crate::picture::Picture;
use crate::table::for_terminal;

/// Why the files of figures could not be written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// A file or folder could not be read, written or made.
    #[error(transparent)]
    File(#[from] mass_runs::Error),
    /// What a file holds is something else than a figure's data, record or claims.
    #[error("{path} does not read: {cause}; make the figure again, or remove the file")]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: serde_json::Error,
    },
    /// Data that JSON cannot hold.
    #[error("the data of {path} cannot be written: {cause}")]
    Data {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: serde_json::Error,
    },
    /// Markers of a document do not match.
    #[error(transparent)]
    Marker(#[from] MarkerError),
}

/// The folder of a figure or table, named as it is: the data (`fig3.json`), the picture (`fig3.svg`, `fig3.png`) or
/// the table (`fig3.md`), how it was made (`made.json`) and its claims (`comparison.json`), which are written last.
///
/// ```
/// use mass_figures::{Folder, Made, claim};
///
/// let out = tempfile::tempdir()?;
/// let folder = Folder::new(out.path(), "fig3");
/// let data: Vec<f64> = folder.write_data(&vec![0.5, 0.25])?; // as they were read back
/// assert_eq!(data, [0.5, 0.25]);
/// let made = Made { command: "make fig3".into(), trainings: Vec::new(), chosen: None };
/// folder.write_claims(&made, &[claim("it halves").measured("ratio", 0.5).below(0.6)])?;
///
/// assert!(folder.is_made());
/// assert_eq!(folder.claims()?[0].verdict(), "yes");
/// assert_eq!(folder.table()?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    name: String,
    path: PathBuf,
}

impl Folder {
    /// The folder of this name among all outputs; there need not be one yet.
    pub fn new(out: &Path, name: &str) -> Self {
        Self {
            name: name.into(),
            path: out.join(name),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its file of this kind: `json`, `svg`, `png` or `md`.
    pub fn file(&self, kind: &str) -> PathBuf {
        self.path.join(format!("{}.{kind}", self.name))
    }

    /// Writes the data and reads them back: what is drawn is what was written.
    ///
    /// # Errors
    /// Data that JSON cannot hold or give back, and files that cannot be written or read.
    pub fn write_data<T: Serialize + DeserializeOwned>(&self, data: &T) -> Result<T, FileError> {
        let path = self.file("json");
        self.write_json(&path, serde_json::to_string(data))?;
        read_json(&path)
    }

    /// Writes both files of the picture.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn write_picture(&self, picture: &Picture) -> Result<(), FileError> {
        create_dir(&self.path)?;
        write_bytes(&self.file("svg"), picture.svg.as_bytes())?;
        Ok(write_bytes(&self.file("png"), &picture.png)?)
    }

    /// Writes the table, Markdown.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_table(&self, text: &str) -> Result<(), FileError> {
        create_dir(&self.path)?;
        Ok(write_bytes(&self.file("md"), text.as_bytes())?)
    }

    /// Writes how it was made, and its claims.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn write_claims(&self, made: &Made, claims: &[Claim]) -> Result<(), FileError> {
        self.write_json(&self.path.join("made.json"), serde_json::to_string(made))?;
        let claims = serde_json::to_string_pretty(claims);
        self.write_json(&self.comparison(), claims)
    }

    fn write_json(&self, path: &Path, text: serde_json::Result<String>) -> Result<(), FileError> {
        let mut text = text.map_err(|cause| FileError::Data {
            path: path.into(),
            cause,
        })?;
        text.push('\n');
        create_dir(&self.path)?;
        Ok(write_bytes(path, text.as_bytes())?)
    }

    fn comparison(&self) -> PathBuf {
        self.path.join("comparison.json")
    }

    /// Was it made, claims and all?
    pub fn is_made(&self) -> bool {
        self.comparison().exists()
    }

    /// How it was made.
    ///
    /// # Errors
    /// A file that does not read.
    pub fn made(&self) -> Result<Made, FileError> {
        read_json(&self.path.join("made.json"))
    }

    /// Its claims.
    ///
    /// # Errors
    /// A file that does not read.
    pub fn claims(&self) -> Result<Vec<Claim>, FileError> {
        read_json(&self.comparison())
    }

    /// Its table, if it has one.
    ///
    /// # Errors
    /// A file that does not read.
    pub fn table(&self) -> Result<Option<String>, FileError> {
        let path = self.file("md");
        let text = path.exists().then(|| read_text(&path));
        Ok(text.transpose()?)
    }

    /// What a terminal is told of it: how it was made, and its claims.
    ///
    /// # Errors
    /// Files that do not read.
    pub fn summary(&self, usual: UsualSteps) -> Result<String, FileError> {
        let (made, claims) = (self.made()?, self.claims()?);
        let (name, words) = (&self.name, made.words(usual));
        let table = for_terminal(&terminal(&claims));
        let short = match made.is_short(usual) {
            true => {
                "trained for fewer steps a phase than the recipe's own: what does not hold here may hold after more\n\n"
            }
            false => "",
        };
        let path = self.path.display();
        Ok(format!(
            "\n{name}: {words}\n\n{table}\n{VERDICTS}\n\n{short}claims and files in {path}\n"
        ))
    }

    /// How it was made and its claims as Markdown, for a document; `None` if it was not made.
    ///
    /// # Errors
    /// Files that do not read.
    pub fn block(&self, usual: UsualSteps) -> Result<Option<String>, FileError> {
        if !self.is_made() {
            return Ok(None);
        }
        let made = self.made()?;
        let (command, words) = (&made.command, made.words(usual));
        let table = claims_table(&self.claims()?);
        let table = table.trim_end();
        Ok(Some(format!("`{command}` ({words})\n\n{table}")))
    }

    /// Its section of a gallery in the folder of all outputs; `None` if it was not made.
    ///
    /// # Errors
    /// Files that do not read.
    pub fn gallery_entry(
        &self,
        heading: &str,
        caption: &str,
        usual: UsualSteps,
    ) -> Result<Option<GalleryEntry>, FileError> {
        if !self.is_made() {
            return Ok(None);
        }
        let made = self.made()?;
        let revisions = match made.revisions() {
            none if none.is_empty() => String::new(),
            some => format!(" · revision {}", some.join(", ")),
        };
        Ok(Some(GalleryEntry {
            name: self.name.clone(),
            heading: heading.into(),
            caption: caption.into(),
            made: format!("{}{revisions}", made.words(usual)),
            command: made.command,
            claims: self.claims()?,
            table: self.table()?,
            picture: self.file("svg").exists(),
        }))
    }

    /// What it holds and why what is planned should not replace it ([`Made::outweighs`]); `None` if it may.
    ///
    /// # Errors
    /// A record that does not read.
    pub fn why_kept(
        &self,
        planned: &Planned<'_>,
        usual: UsualSteps,
    ) -> Result<Option<String>, FileError> {
        if !self.path.join("made.json").exists() {
            return Ok(None);
        }
        let made = self.made()?;
        let path = self.path.display();
        Ok(made.outweighs(planned).map(|why| {
            let (words, command) = (made.words(usual), &made.command);
            format!("{path} holds {words}, made by `{command}`; {why}")
        }))
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, FileError> {
    serde_json::from_str(&read_text(path)?).map_err(|cause| FileError::Json {
        path: path.into(),
        cause,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::claim;
    use crate::made::Trained;

    fn made(phase_steps: usize) -> Made {
        Made {
            command: "make fig10".into(),
            trainings: vec![Trained {
                recipe: "reference".into(),
                systems: vec!["classical".into()],
                seeds: (0..100).collect(),
                phase_steps,
                device: "flex".into(),
                revision: Some("0123456789abcdef".into()),
                run: "training/x".into(),
            }],
            chosen: None,
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let out = tempfile::tempdir().unwrap();
        let folder = Folder::new(out.path(), "fig10");
        assert_eq!(folder.block(|_| 120).unwrap(), None);
        assert!(folder.gallery_entry("h", "c", |_| 120).unwrap().is_none());
        let claims = [claim("it falls").measured("terms", 3.0).below(4.0)];
        folder.write_claims(&made(120), &claims).unwrap();
        folder.write_table("| a |\n| --- |\n").unwrap();
        assert!(folder.is_made());
        assert_eq!(folder.made().unwrap(), made(120));
        assert_eq!(folder.claims().unwrap(), claims);

        let block = folder.block(|_| 120).unwrap().unwrap();
        assert!(block.starts_with("`make fig10` (recipe `reference`, 100 scientists"));
        assert!(block.ends_with("| yes | it falls |"), "{block}");
        let entry = folder.gallery_entry("Figure 10", "It falls.", |_| 120);
        let entry = entry.unwrap().unwrap();
        assert!(entry.made.ends_with("seeds 0 to 99 · revision 012345678"));
        assert_eq!(entry.table.as_deref(), Some("| a |\n| --- |\n"));
        assert!(!entry.picture);

        let said = folder.summary(|_| 120).unwrap();
        assert!(said.contains("fig10: recipe") && !said.contains("fewer steps"));
        assert!(folder.summary(|_| 121).unwrap().contains("fewer steps"));
    }

    #[test]
    fn a_damaged_file_is_named() {
        let out = tempfile::tempdir().unwrap();
        let folder = Folder::new(out.path(), "fig10");
        folder.write_claims(&made(120), &[]).unwrap();
        std::fs::write(folder.path().join("made.json"), "{").unwrap();
        let error = folder.made().unwrap_err().to_string();
        assert!(error.contains("made.json does not read"), "{error}");
    }

    #[test]
    fn what_is_there_and_who_made_it_is_said() {
        let out = tempfile::tempdir().unwrap();
        let folder = Folder::new(out.path(), "fig10");
        let planned = Planned {
            recipe: "reference",
            scientists: 20,
            phase_steps: 120,
        };
        let why = || folder.why_kept(&planned, |_| 120).unwrap();
        assert_eq!(why(), None, "nothing is there");
        folder.write_claims(&made(120), &[]).unwrap();
        let why = why().unwrap();
        for said in ["fig10 holds", "100 scientists", "`make fig10`", "of 20"] {
            assert!(why.contains(said), "{said}: {why}");
        }
    }
}
