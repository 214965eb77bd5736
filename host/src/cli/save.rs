//! Saving what the vendor holds, as the user's own files.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, ErrorKind, IsTerminal, Write as _};
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding as _};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::atomic::{self, Existing};
use super::table::Column;
use super::text::{bytes, text};
use super::{Done, Failure};

/// What a list of things that were saved shows.
pub(crate) const SAVED: [Column; 3] = [
    Column::new("SAVED", |row| text(&row["path"])),
    Column::new("SIZE", |row| bytes(&row["size"])).number(),
    Column::new("SHA-256", |row| text(&row["sha256"])).beneath(),
];

/// The media type of an e-mail.
pub(crate) const MAIL: &str = "message/rfc822";

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

/// File systems bound names to 255 bytes; a name leaves room for its extension.
const LONGEST_NAME: usize = 200;

/// What is kept of a name that is longer, before its hash.
const KEPT: usize = 120;

/// A directory that things are saved in, each under its id.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    force: Force,
    /// Names that were given, in lower case: for some file systems case makes no difference.
    given: HashSet<String>,
}

impl Directory {
    /// The directory that `--save` names, if it can be used or made: found out before anything is loaded.
    pub(crate) fn named(path: &Path, force: Force) -> Result<Self, Failure> {
        if path.symlink_metadata().is_ok() && !path.is_dir() {
            return Err(refuse(path, "is no directory"));
        }
        check_parent(path)?;
        Ok(Self { path: path.to_owned(), force, given: HashSet::new() })
    }

    /// Whether a thing can be saved under its id, as far as is known before it is loaded.
    pub(crate) fn check(&self, id: &str, media_type: &str) -> Done {
        if !self.path.is_dir() {
            return Ok(());
        }
        check(&self.path.join(name(id, media_type)), self.force)
    }

    /// Saves a thing under its id, and gives its path. Two things never share a file.
    pub(crate) fn save(&mut self, id: &str, media_type: &str, content: &[u8]) -> Result<PathBuf, Failure> {
        let name = name(id, media_type);
        let path = self.path.join(&name);
        if !self.given.insert(name.to_ascii_lowercase()) {
            return Err(refuse(&path, "another one has this name, but for upper and lower case"));
        }
        self.make()?;
        check(&path, self.force)?;
        write(&path, content, self.force.existing())?;
        Ok(path)
    }

    /// Makes it, for the user alone, where there is none.
    fn make(&self) -> Done {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(&self.path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && self.path.is_dir() => Ok(()),
            made => made.map_err(|error| refuse(&self.path, error)),
        }
    }
}

/// The bytes of an answer's `content`.
pub(crate) fn content(answer: &Value) -> Result<Vec<u8>, Failure> {
    Base64::decode_vec(answer["content"].as_str().unwrap_or_default()).map_err(Failure::host)
}

/// An answer, with the path of the file in place of its content.
pub(crate) fn saved(mut answer: Value, path: &Path) -> Value {
    let mut saved = Map::from_iter([("path".to_owned(), Value::from(path.to_string_lossy()))]);
    for (name, value) in answer.as_object_mut().map(std::mem::take).unwrap_or_default() {
        if name != "content" {
            saved.insert(name, value);
        }
    }
    Value::Object(saved)
}

fn check(path: &Path, force: Force) -> Done {
    match path.metadata() {
        Ok(there) if there.is_dir() => Err(refuse(path, "is a directory")),
        Ok(there) if !there.is_file() => Err(refuse(path, "is no ordinary file")),
        Ok(_) if !force.force => Err(refuse(path, "is there already; --force replaces it")),
        _ => check_parent(path),
    }
}

fn check_parent(path: &Path) -> Done {
    let parent = atomic::directory_of(path);
    if parent.is_dir() {
        return Ok(());
    }
    Err(refuse(path, format!("there is no directory {}", parent.display())))
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

fn name(id: &str, media_type: &str) -> String {
    format!("{}.{}", file_name(id), extension(media_type))
}

/// An id as a file name: what could be more than a name is percent-encoded, and the end of one that is too
/// long gives way to a hash of the id, so that two ids never share a name.
fn file_name(id: &str) -> String {
    let mut name = String::new();
    for (index, byte) in id.bytes().enumerate() {
        let means_more = index == 0 && (byte == b'.' || is_device(id));
        if !means_more && (byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)) {
            name.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(name, "%{byte:02X}");
        }
    }
    if name.len() > LONGEST_NAME {
        name.truncate(KEPT);
        // No name that was not shortened has a tilde.
        name.push('~');
        for byte in Sha256::digest(id) {
            let _ = write!(name, "{byte:02x}");
        }
    }
    name
}

/// Whether Windows takes the name for that of a device, whatever its extension.
fn is_device(id: &str) -> bool {
    let stem = id.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || port.is_some_and(|port| port.len() == 1 && port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn extension(media_type: &str) -> &'static str {
    match media_type.split(';').next().unwrap_or_default().trim() {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/bmp" => "bmp",
        MAIL => "eml",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
    fn things_are_named_after_their_ids_and_stay_in_their_directory() {
        let directory = tempfile::tempdir().unwrap();
        let screens = directory.path().join("screens");
        for (id, media_type, name) in [
            ("7-1", "image/jpeg", "7-1.jpg"),
            ("7_2", "image/png; charset=binary", "7_2.png"),
            ("../../etc/passwd", "image/gif", "%2E.%2F..%2Fetc%2Fpasswd.gif"),
            ("a/b", "image/jpeg", "a%2Fb.jpg"),
            ("a%2Fb", "image/jpeg", "a%252Fb.jpg"),
            (".", "text/html", "%2E.bin"),
            ("ü\0", "", "%C3%BC%00.bin"),
            ("nul", "image/jpeg", "%6Eul.jpg"),
            ("Com1.x", "image/jpeg", "%43om1.x.jpg"),
            ("com10", "image/jpeg", "com10.jpg"),
            ("m-1", MAIL, "m-1.eml"),
        ] {
            let save =
                |force, content| Directory::named(&screens, force).unwrap().save(id, media_type, content);
            let path = save(CAREFUL, b"content").unwrap();
            assert_eq!(path, screens.join(name));
            assert_eq!(std::fs::read(&path).unwrap(), b"content");
            assert!(why(save(CAREFUL, b"another")).ends_with("--force replaces it"));
            save(FORCE, b"another").unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), b"another");
        }
    }

    #[test]
    fn what_was_saved_is_told_by_its_path_and_not_repeated() {
        let image =
            json!({ "id": "1", "content": "aGk=", "size": 2, "sha256": "ab", "content-type": "image/png" });
        let saved = saved(image, Path::new("d/1.png"));
        let expected = r#"{"path":"d/1.png","id":"1","size":2,"sha256":"ab","content-type":"image/png"}"#;
        assert_eq!(saved.to_string(), expected);
    }

    #[test]
    fn names_of_any_length_can_be_written_and_stay_apart() {
        let directory = tempfile::tempdir().unwrap();
        let mut screens = Directory::named(directory.path(), CAREFUL).unwrap();
        let long = "x".repeat(200);
        let ids = [long.clone(), format!("{long}1"), format!("{long}2"), "/".repeat(70), "ü".repeat(5000)];
        for id in &ids {
            let path = screens.save(id, "image/jpeg", b"x").unwrap();
            assert!(path.file_name().unwrap().len() <= LONGEST_NAME + ".jpeg".len(), "{id}");
        }
        assert_eq!(directory.path().read_dir().unwrap().count(), ids.len());
        assert_eq!(file_name(&long), long);
        assert_ne!(file_name(&file_name(&ids[1])), file_name(&ids[1]), "a short name cannot be asked for");
    }

    #[test]
    fn names_that_differ_in_case_alone_never_replace_each_other() {
        let directory = tempfile::tempdir().unwrap();
        let mut screens = Directory::named(directory.path(), FORCE).unwrap();
        let first = screens.save("a-1", "image/jpeg", b"first").unwrap();
        assert!(why(screens.save("A-1", "image/jpeg", b"second")).ends_with("upper and lower case"));
        assert_eq!(std::fs::read(first).unwrap(), b"first");
        assert_eq!(directory.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn a_directory_is_made_only_when_there_is_something_to_save() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("screens");
        let mut screens = Directory::named(&path, CAREFUL).unwrap();
        assert!(!path.exists());
        screens.save("1", "image/png", b"x").unwrap();
        assert!(path.is_dir());
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
