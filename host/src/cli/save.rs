//! Saving what the vendor holds, as the user's own files.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, IsTerminal, Write as _};
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding as _};
use serde_json::Value;

use super::atomic::{self, Existing};
use super::{Done, Failure};

/// What is done with files that are there already.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Force {
    /// Replace files that are there already
    #[arg(long, requires = "save")]
    force: bool,
}

/// Where one thing is saved.
#[derive(Debug)]
pub(crate) enum Target {
    /// Standard output.
    Stdout,
    /// A file.
    File(PathBuf, Existing),
}

impl Target {
    /// The place that `--save` names, if it can be used: found out before anything is loaded.
    pub(crate) fn named(path: &Path, force: Force) -> Result<Self, Failure> {
        if path == "-" {
            if io::stdout().is_terminal() {
                return Err(refuse(path, "standard output is a terminal; name a file, or redirect it"));
            }
            return Ok(Self::Stdout);
        }
        check(path, force)?;
        Ok(Self::File(path.to_owned(), force.existing()))
    }

    /// Saves the bytes.
    pub(crate) fn save(&self, content: &[u8]) -> Done {
        match self {
            Self::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(content)?;
                Ok(stdout.flush()?)
            }
            Self::File(path, existing) => write(path, content, *existing),
        }
    }
}

impl Force {
    fn existing(self) -> Existing {
        if self.force { Existing::Replaced } else { Existing::Kept }
    }
}

/// A directory that things are saved in, each under its id.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    force: Force,
}

impl Directory {
    /// The directory that `--save` names. It is made, for the user alone, where there is none.
    pub(crate) fn named(path: &Path, force: Force) -> Result<Self, Failure> {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => {}
            Err(error) => return Err(refuse(path, error)),
            Ok(()) => {}
        }
        Ok(Self { path: path.to_owned(), force })
    }

    /// Saves a picture under its id, and gives its path.
    pub(crate) fn save(&self, id: &str, media_type: &str, content: &[u8]) -> Result<PathBuf, Failure> {
        let path = self.path.join(format!("{}.{}", file_name(id), extension(media_type)));
        check(&path, self.force)?;
        write(&path, content, self.force.existing())?;
        Ok(path)
    }
}

/// The bytes of an answer's `content`.
pub(crate) fn content(answer: &Value) -> Result<Vec<u8>, Failure> {
    Base64::decode_vec(answer["content"].as_str().unwrap_or_default()).map_err(Failure::host)
}

fn check(path: &Path, force: Force) -> Done {
    match path.metadata() {
        Ok(there) if there.is_dir() => Err(refuse(path, "is a directory")),
        Ok(there) if !there.is_file() => Err(refuse(path, "is no ordinary file")),
        Ok(_) if !force.force => Err(refuse(path, "is there already; --force replaces it")),
        _ if !atomic::directory_of(path).is_dir() => {
            let directory = atomic::directory_of(path);
            Err(refuse(path, format!("there is no directory {}", directory.display())))
        }
        _ => Ok(()),
    }
}

fn write(path: &Path, content: &[u8], existing: Existing) -> Done {
    atomic::write(path, content, existing).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => refuse(path, "is there already; --force replaces it"),
        _ => Failure::host(format!("cannot save {}: {error}", path.display())),
    })
}

fn refuse(path: &Path, why: impl ToString) -> Failure {
    Failure::argument("save", format!("cannot save {}: {}", path.display(), why.to_string()))
}

/// An id as a file name: what could be more than a name is percent-encoded, so that two ids never share
/// one.
fn file_name(id: &str) -> String {
    let mut name = String::new();
    for (index, byte) in id.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || b"_-".contains(&byte) || (byte == b'.' && index > 0) {
            name.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(name, "%{byte:02X}");
        }
    }
    name
}

fn extension(media_type: &str) -> &'static str {
    match media_type.split(';').next().unwrap_or_default().trim() {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/bmp" => "bmp",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAREFUL: Force = Force { force: false };
    const FORCE: Force = Force { force: true };

    fn why(done: Result<impl std::fmt::Debug, Failure>) -> String {
        match done.unwrap_err() {
            Failure::Error(error) if error.case() == "invalid-argument" => error.message().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_that_is_there_is_replaced_only_by_force() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mail.eml");
        let early = Target::named(&path, CAREFUL).unwrap();
        early.save(b"first").unwrap();
        assert!(why(Target::named(&path, CAREFUL)).ends_with("--force replaces it"));
        assert!(why(early.save(b"second")).ends_with("--force replaces it"), "it came in between");
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        Target::named(&path, FORCE).unwrap().save(b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(directory.path().read_dir().unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_place_that_cannot_hold_a_file_is_bad_usage() {
        let directory = tempfile::tempdir().unwrap();
        assert!(why(Target::named(directory.path(), FORCE)).ends_with("is a directory"));
        assert!(why(Target::named(&directory.path().join("no/x.eml"), FORCE)).ends_with("/no"));
        let file = directory.path().join("file");
        std::fs::write(&file, "").unwrap();
        why(Directory::named(&file, FORCE));
        why(Directory::named(&directory.path().join("no/such"), FORCE));
    }

    #[test]
    fn pictures_are_named_after_their_ids_and_stay_in_their_directory() {
        let directory = tempfile::tempdir().unwrap();
        let screens = Directory::named(&directory.path().join("screens"), CAREFUL).unwrap();
        for (id, media_type, name) in [
            ("7-1", "image/jpeg", "7-1.jpg"),
            ("7_2", "image/png; charset=binary", "7_2.png"),
            ("../../etc/passwd", "image/gif", "%2E.%2F..%2Fetc%2Fpasswd.gif"),
            ("a/b", "image/jpeg", "a%2Fb.jpg"),
            ("a%2Fb", "image/jpeg", "a%252Fb.jpg"),
            (".", "text/html", "%2E.bin"),
            ("ü\0", "", "%C3%BC%00.bin"),
        ] {
            let path = screens.save(id, media_type, b"picture").unwrap();
            assert_eq!(path, directory.path().join("screens").join(name));
            assert_eq!(std::fs::read(&path).unwrap(), b"picture");
            assert!(why(screens.save(id, media_type, b"other")).ends_with("--force replaces it"));
        }
        Directory::named(&directory.path().join("screens"), FORCE)
            .unwrap()
            .save("7-1", "image/jpeg", b"x")
            .unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_never_replaced() {
        assert!(why(Target::named(Path::new("/dev/null"), FORCE)).ends_with("is no ordinary file"));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_saved_belongs_to_the_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        let directory = tempfile::tempdir().unwrap();
        let screens = directory.path().join("screens");
        let path = Directory::named(&screens, CAREFUL).unwrap().save("1", "image/png", b"x").unwrap();
        assert_eq!((mode(&path), mode(&screens)), (0o600, 0o700));
    }
}
