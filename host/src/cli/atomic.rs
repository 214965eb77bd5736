//! Files that are written as a whole: whoever looks sees what was there before or all of the new, also
//! after a crash of the machine. They are the user's alone (0600).

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// What happens to a file that is there already.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Existing {
    /// It is replaced.
    Replaced,
    /// It stays, and writing fails with [`io::ErrorKind::AlreadyExists`].
    Kept,
}

/// Writes a file.
pub(crate) fn write(file: &Path, content: &[u8], existing: Existing) -> io::Result<()> {
    let directory = directory_of(file);
    // Created with mode 0600.
    let mut temporary = NamedTempFile::new_in(directory)?;
    temporary.write_all(content)?;
    temporary.as_file().sync_all()?;
    match existing {
        Existing::Replaced => temporary.persist(file)?,
        Existing::Kept => temporary.persist_noclobber(file)?,
    };
    // The new name is an entry of the directory, which has to reach the disk as well.
    #[cfg(unix)]
    File::open(directory)?.sync_all()?;
    Ok(())
}

/// The directory that a file is in.
pub(crate) fn directory_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
