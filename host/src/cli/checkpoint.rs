//! The checkpoint of a fetch on disk.
//!
//! It is replaced as a whole, and only after what it stands for was written out: whatever happens in
//! between, the next fetch goes on where the last line was delivered. One process owns it at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::Failure;

/// A checkpoint file that this process owns.
#[derive(Debug)]
pub(crate) struct CheckpointFile {
    file: PathBuf,
    directory: PathBuf,
    /// Released when it is closed, also by a crash.
    _lock: File,
}

impl CheckpointFile {
    /// Takes possession of the file, which need not exist, and makes sure that it can be replaced.
    pub(crate) fn own(file: &Path) -> Result<Self, Failure> {
        // A link is another name for the same file: one lock, and one file to replace.
        let file = &file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let directory = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if file.is_dir() || file.file_name().is_none() {
            return Err(refuse(file, "is a directory"));
        }
        if !directory.is_dir() {
            return Err(refuse(file, format!("there is no directory {}", directory.display())));
        }
        NamedTempFile::new_in(directory).map_err(|error| refuse(file, error))?;
        let mut lock = file.as_os_str().to_owned();
        lock.push(".lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(lock);
        let lock = lock.map_err(|error| refuse(file, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(refuse(file, "another fetch is using it")),
            Err(TryLockError::Error(error)) => return Err(refuse(file, error)),
        }
        Ok(Self { file: file.to_owned(), directory: directory.to_owned(), _lock: lock })
    }

    /// What was stored last; none before the first time. Whether it is any good is the component's to
    /// judge.
    pub(crate) fn read(&self) -> Result<Option<String>, Failure> {
        match std::fs::read(&self.file) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(refuse(&self.file, error)),
        }
    }

    /// Replaces it, so that it survives a crash of the machine.
    pub(crate) fn store(&self, checkpoint: &str) -> Result<(), Failure> {
        self.replace(checkpoint).map_err(|error| refuse(&self.file, error))
    }

    fn replace(&self, checkpoint: &str) -> std::io::Result<()> {
        // Created with mode 0600.
        let mut temporary = NamedTempFile::new_in(&self.directory)?;
        writeln!(temporary, "{checkpoint}")?;
        temporary.as_file().sync_all()?;
        temporary.persist(&self.file)?;
        // The new name is an entry of the directory, which has to reach the disk as well.
        #[cfg(unix)]
        File::open(&self.directory)?.sync_all()?;
        Ok(())
    }
}

fn refuse(file: &Path, why: impl ToString) -> Failure {
    Failure::host(format!("cannot use the checkpoint file {}: {}", file.display(), why.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(failure: Failure) -> String {
        match failure {
            Failure::Error(error) => error.message().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_stored_is_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let file = CheckpointFile::own(&directory.path().join("c")).unwrap();
        assert_eq!(file.read().unwrap(), None);
        file.store("v1.first").unwrap();
        file.store("v1.second").unwrap();
        assert_eq!(file.read().unwrap().unwrap(), "v1.second");
    }

    #[cfg(unix)]
    #[test]
    fn it_belongs_to_the_user_alone_and_leaves_nothing_beside_it() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c");
        CheckpointFile::own(&path).unwrap().store("v1.x").unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let mut names: Vec<_> =
            std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["c", "c.lock"]);
    }

    #[test]
    fn two_fetches_cannot_share_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c");
        let first = CheckpointFile::own(&path).unwrap();
        assert!(message(CheckpointFile::own(&path).unwrap_err()).ends_with("another fetch is using it"));
        drop(first);
        assert!(CheckpointFile::own(&path).is_ok());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_found_out_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("no/such/c");
        assert!(message(CheckpointFile::own(&missing).unwrap_err()).ends_with("no/such"));
        assert!(message(CheckpointFile::own(directory.path()).unwrap_err()).ends_with("is a directory"));
    }

    #[test]
    fn garbage_is_passed_on_for_the_component_to_judge() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c");
        std::fs::write(&path, [0xff, b'x']).unwrap();
        assert_eq!(CheckpointFile::own(&path).unwrap().read().unwrap().unwrap(), "\u{fffd}x");
        std::fs::write(&path, "").unwrap();
        assert_eq!(CheckpointFile::own(&path).unwrap().read().unwrap().unwrap(), "");
    }
}
