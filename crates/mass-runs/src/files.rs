//! Files are written whole or not at all.

use std::{fs, io::Write, path::Path};

use crate::Error;

/// Reads a text file.
///
/// # Errors
///
/// [`Error::File`] naming the file.
pub fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|cause| Error::file("read", path, cause))
}

/// Creates a folder and its parents.
///
/// # Errors
///
/// [`Error::File`] naming the folder.
pub fn create_dir(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|cause| Error::file("create", path, cause))
}

/// Writes a file whole or not at all: [`mass_systems::write_whole`] for bytes at hand.
///
/// # Errors
///
/// An error naming the file; an earlier file of that name is then still whole.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    Ok(mass_systems::write_whole(path, |file| {
        file.write_all(bytes)
    })?)
}
