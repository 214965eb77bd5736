//! The on-disk cache of compiled components: compiling takes a fraction of a second, loading what was
//! compiled a millisecond.
//!
//! A file is named after the SHA-256 of the component and the engine's compatibility hash, and begins
//! with the SHA-256 of its name and its payload. A file that is damaged, cut short or unreadable is compiled anew
//! and replaced; a cache that cannot be written only costs time.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

const DIGEST: usize = 32;

/// Where compiled components are kept.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    directory: Option<PathBuf>,
}

impl Cache {
    /// A cache in this directory, which is created when it is needed.
    pub fn in_directory(directory: impl Into<PathBuf>) -> Self {
        Self { directory: Some(directory.into()) }
    }

    /// The user's cache directory; no cache where the system has none.
    pub fn of_user() -> Self {
        let strategy = etcetera::choose_base_strategy().ok();
        Self { directory: strategy.map(|base| base.cache_dir().join("proofpoint")) }
    }

    /// No cache: compile each time.
    pub fn disabled() -> Self {
        Self { directory: None }
    }

    /// The compiled component, from the cache or by compiling it.
    pub(crate) fn compile(&self, engine: &Engine, bytes: &[u8]) -> wasmtime::Result<Component> {
        let Some(directory) = &self.directory else { return Component::new(engine, bytes) };
        let file = directory.join(file_name(engine, bytes));
        if let Some(component) = read(engine, &file) {
            return Ok(component);
        }
        let component = Component::new(engine, bytes)?;
        let stored = component.serialize().map_err(io::Error::other).and_then(|code| write(&file, &code));
        if let Err(error) = stored {
            tracing::debug!(file = %file.display(), %error, "compiled component not cached");
        }
        Ok(component)
    }
}

fn file_name(engine: &Engine, bytes: &[u8]) -> String {
    let mut compatibility = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut compatibility);
    format!("{}-{:016x}.cwasm", hex(&Sha256::digest(bytes)), compatibility.finish())
}

/// Lower case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(engine: &Engine, file: &Path) -> Option<Component> {
    let stored = match read_private(file) {
        Ok(stored) => stored,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            tracing::warn!(file = %file.display(), %error, "cache file not used, compiling anew");
            return None;
        }
        Err(error) => {
            tracing::debug!(file = %file.display(), %error, "no compiled component in the cache");
            return None;
        }
    };
    let payload = verified(file, &stored).or_else(|| {
        tracing::warn!(file = %file.display(), "damaged cache file, compiling anew");
        None
    })?;
    match deserialize(engine, payload) {
        Ok(component) => Some(component),
        Err(error) => {
            tracing::debug!(file = %file.display(), %error, "unusable cache file, compiling anew");
            None
        }
    }
}

/// Reads a file, if nobody else can have written it: what it holds will be run.
fn read_private(file: &Path) -> io::Result<Vec<u8>> {
    let mut file = open_private(file)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn open_private(file: &Path) -> io::Result<File> {
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

    use rustix::fs::OFlags;
    let refuse = |why: &str| Err(io::Error::new(ErrorKind::PermissionDenied, why));
    // Neither where a link leads nor for the other end of a pipe.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    let opened = File::options().read(true).custom_flags(flags.cast_signed()).open(file)?;
    let (metadata, directory) = (opened.metadata()?, directory_of(file).metadata()?);
    let user = rustix::process::geteuid().as_raw();
    if !metadata.is_file() || metadata.uid() != user || metadata.mode() & 0o077 != 0 {
        return refuse("it is not the user's alone");
    }
    // Who can write there can put one good file in the place of another.
    if directory.uid() != user || directory.mode() & 0o022 != 0 {
        return refuse("its directory is not the user's alone");
    }
    Ok(opened)
}

#[cfg(not(unix))]
fn open_private(file: &Path) -> io::Result<File> {
    File::open(file)
}

/// The payload behind the digest, if the digest is right.
fn verified<'a>(file: &Path, stored: &'a [u8]) -> Option<&'a [u8]> {
    let (stored, payload) = stored.split_at_checked(DIGEST)?;
    (digest(file, payload).as_ref() == stored).then_some(payload)
}

/// Of a file's name and what it holds: a good file under another name is none.
fn digest(file: &Path, payload: &[u8]) -> impl AsRef<[u8]> + use<> {
    let mut digest = Sha256::new();
    digest.update(file.file_name().unwrap_or_default().as_encoded_bytes());
    digest.update(payload);
    digest.finalize()
}

fn directory_of(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[allow(unsafe_code)]
fn deserialize(engine: &Engine, payload: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the payload must be what `Component::serialize` returned. It is read from a file that
    // belongs to the user and that nobody else can write, as `read_private` checked on the open file;
    // its SHA-256 was verified, and wasmtime checks version and configuration itself.
    unsafe { Component::deserialize(engine, payload) }
}

fn write(file: &Path, code: &[u8]) -> io::Result<()> {
    let directory = directory_of(file);
    create_private(directory)?;
    // A temporary file is 0600, and renaming it is atomic: another process sees all of it or nothing.
    let mut temporary = tempfile::NamedTempFile::new_in(directory)?;
    temporary.write_all(digest(file, code).as_ref())?;
    temporary.write_all(code)?;
    temporary.persist(file)?;
    Ok(())
}

fn create_private(directory: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPONENT: &str = "(component (core module (func (export \"f\"))))";

    fn only_file(directory: &Path) -> PathBuf {
        let mut files: Vec<_> =
            std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1);
        files.remove(0)
    }

    fn compiled() -> (tempfile::TempDir, Engine, Cache, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let engine = Engine::default();
        let cache = Cache::in_directory(directory.path().join("deep/er"));
        cache.compile(&engine, &wat::parse_str(COMPONENT).unwrap()).unwrap();
        let file = only_file(&directory.path().join("deep/er"));
        (directory, engine, cache, file)
    }

    #[test]
    fn a_compiled_component_is_read_back() {
        let (_directory, engine, _cache, file) = compiled();
        assert!(read(&engine, &file).is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_cache_file_belongs_to_the_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (_directory, _engine, _cache, file) = compiled();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(file.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_damaged_file_is_replaced() {
        let (_directory, engine, cache, file) = compiled();
        let good = std::fs::read(&file).unwrap();
        let mut flipped = good.clone();
        flipped[good.len() / 2] ^= 1;
        for damaged in [flipped, good[..good.len() - 1].to_vec(), b"short".to_vec(), Vec::new()] {
            std::fs::write(&file, &damaged).unwrap();
            assert!(read(&engine, &file).is_none());
            cache.compile(&engine, &wat::parse_str(COMPONENT).unwrap()).unwrap();
            assert_eq!(std::fs::read(&file).unwrap(), good);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_have_written_is_not_run_however_well_it_is_made() {
        use std::os::unix::fs::PermissionsExt;
        let (_directory, engine, cache, file) = compiled();
        for mode in [0o644, 0o620, 0o602, 0o666] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(read(&engine, &file).is_none(), "{mode:o}");
        }
        cache.compile(&engine, &wat::parse_str(COMPONENT).unwrap()).unwrap();
        assert!(read(&engine, &file).is_some(), "it was made anew");
    }

    #[cfg(unix)]
    #[test]
    fn a_good_file_under_another_name_behind_a_link_or_where_others_can_write_is_not_run() {
        use std::os::unix::fs::PermissionsExt;
        let (_directory, engine, _cache, file) = compiled();
        let other = file.with_file_name("other.cwasm");
        std::fs::rename(&file, &other).unwrap();
        assert!(read(&engine, &other).is_none());
        std::os::unix::fs::symlink(&other, &file).unwrap();
        assert!(read(&engine, &file).is_none());
        std::fs::rename(&other, &file).unwrap();
        assert!(read(&engine, &file).is_some());
        let directory = file.parent().unwrap();
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o770)).unwrap();
        assert!(read(&engine, &file).is_none());
    }

    #[test]
    fn a_cache_that_cannot_be_written_only_costs_time() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "in the way").unwrap();
        let engine = Engine::default();
        let cache = Cache::in_directory(file.join("cache"));
        assert!(cache.compile(&engine, &wat::parse_str(COMPONENT).unwrap()).is_ok());
    }
}
