//! Files that are written whole or not at all.

use crate::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes a file by `fill`: to a temporary name in the same folder, then renamed into place.
///
/// If anything fails the temporary file is removed and what was at `path` stays as it was.
///
/// # Errors
/// [`Error::File`] naming the file.
///
/// # Example
/// ```
/// use std::io::Write;
///
/// # let folder = tempfile::tempdir().expect("a temporary folder");
/// let path = folder.path().join("numbers.json");
/// mass_systems::write_whole(&path, |file| file.write_all(b"[1, 2]"))?;
/// assert_eq!(std::fs::read(&path).expect("just written"), b"[1, 2]");
/// # Ok::<(), mass_systems::Error>(())
/// ```
pub fn write_whole(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Error> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let failed = |cause| Error::File {
        action: "write",
        path: path.into(),
        cause,
    };
    let name = path.file_name().ok_or_else(|| {
        failed(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the path does not end in a file name",
        ))
    })?;
    // Unique among processes and threads; the leading dot hides it should it be left by a crash.
    let temporary = path.with_file_name(format!(
        ".{}.{}-{}.tmp",
        name.to_string_lossy(),
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    ));
    let outcome = (|| {
        let mut file = BufWriter::new(
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&temporary)?,
        );
        fill(&mut file)?;
        file.flush()?;
        file.get_ref().sync_all()?;
        fs::rename(&temporary, path)
    })();
    outcome.map_err(|cause| {
        // Nothing better can be done if this fails too.
        let _ = fs::remove_file(&temporary);
        failed(cause)
    })
}
