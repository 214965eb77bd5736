//! The checkpoint of a fetch on disk.
//!
//! It is replaced as a whole, and only after what it stands for was written out: whatever happens in
//! between, the next fetch goes on where the last line was delivered. One process owns it at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::Failure;
use super::atomic::{self, Existing, directory_of};

/// A checkpoint file that this process owns.
#[derive(Debug)]
pub(crate) struct CheckpointFile {
    file: PathBuf,
    /// Released when it is closed, also by a crash.
    _lock: File,
}

impl CheckpointFile {
    /// Takes possession of the file, which need not exist, and makes sure that it can be replaced.
    pub(crate) fn own(file: &Path) -> Result<Self, Failure> {
        let file = &real(file);
        let directory = directory_of(file);
        if file.is_dir() || file.file_name().is_none() {
            return Err(unusable(file, "is a directory"));
        }
        // Reading a pipe waits for its writer, and a device would be replaced by a file.
        if file.exists() && !file.is_file() {
            return Err(unusable(file, "is no regular file"));
        }
        if !directory.is_dir() {
            return Err(unusable(file, format!("there is no directory {}", directory.display())));
        }
        NamedTempFile::new_in(directory).map_err(|error| unusable(file, error))?;
        let mut lock = file.as_os_str().to_owned();
        lock.push(".lock");
        let lock = lock_options().open(lock).map_err(|error| unusable(file, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(failed(file, "another fetch is using it")),
            Err(TryLockError::Error(error)) => return Err(failed(file, error)),
        }
        Ok(Self { file: file.to_owned(), _lock: lock })
    }

    /// What was stored last; none before the first time. Whether it is any good is the component's to
    /// judge.
    pub(crate) fn read(&self) -> Result<Option<String>, Failure> {
        match std::fs::read(&self.file) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unusable(&self.file, error)),
        }
    }

    /// Replaces it, so that it survives a crash of the machine.
    pub(crate) fn store(&self, checkpoint: &str) -> Result<(), Failure> {
        let line = format!("{checkpoint}\n");
        atomic::write(&self.file, line.as_bytes(), Existing::Replaced)
            .map_err(|error| failed(&self.file, error))
    }
}

/// A link is another name for the same file, also while that does not exist: one lock, and one file to
/// replace.
fn real(file: &Path) -> PathBuf {
    let target = || Ok(directory_of(file).join(file.read_link()?));
    file.canonicalize().or_else(|_: Error| target()).unwrap_or_else(|_: Error| file.to_owned())
}

/// A lock that is made here nobody else can hold; what stands in its place is neither followed nor waited for.
fn lock_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        use rustix::fs::OFlags;
        options.mode(0o600).custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    options
}

/// The place that was named cannot hold a checkpoint.
fn unusable(file: &Path, why: impl ToString) -> Failure {
    Failure::argument("checkpoint", message(file, why))
}

/// The place is good, but not now.
fn failed(file: &Path, why: impl ToString) -> Failure {
    Failure::host(message(file, why))
}

fn message(file: &Path, why: impl ToString) -> String {
    format!("cannot use the checkpoint file {}: {}", file.display(), why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_refused_before_anything_is_made_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("checkpoint");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let (case, message) = refusal(&socket);
        assert_eq!(case, "invalid-argument");
        assert!(message.ends_with("checkpoint: is no regular file"), "{message}");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    fn refusal(file: &Path) -> (String, String) {
        match CheckpointFile::own(file).unwrap_err() {
            Failure::Error(error) => (error.case().to_owned(), error.message().to_owned()),
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
        for file in [path, directory.path().join("c.lock")] {
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        }
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
        let (case, message) = refusal(&path);
        assert!(message.ends_with("another fetch is using it"), "{message}");
        assert_eq!(case, "host", "it can be used later");
        drop(first);
        assert!(CheckpointFile::own(&path).is_ok());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_found_out_at_once_and_bad_usage() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "").unwrap();
        for (place, why) in [
            (directory.path().join("no/such/c"), "no/such"),
            (directory.path().to_owned(), "is a directory"),
            (file.join("c"), "file"),
            (PathBuf::from(".."), "is a directory"),
            (PathBuf::new(), "is a directory"),
        ] {
            let (case, message) = refusal(&place);
            assert_eq!(case, "invalid-argument", "{message}");
            assert!(message.ends_with(why) && !message.contains('\n'), "{message}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn behind_a_link_it_is_replaced_where_the_link_leads() {
        let (directory, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (link, target) = (directory.path().join("link"), elsewhere.path().join("c"));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        for checkpoint in ["v1.first", "v1.second"] {
            let file = CheckpointFile::own(&link).unwrap();
            assert_eq!(refusal(&target).0, "host", "both names are one checkpoint");
            file.store(checkpoint).unwrap();
            assert!(link.is_symlink());
            assert_eq!(std::fs::read_to_string(&target).unwrap(), format!("{checkpoint}\n"));
        }
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
