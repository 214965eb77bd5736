//! The connector component: loaded, checked and linked, ready to be instantiated.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker};
use wasmtime::{Config, Engine};
use wasmtime_wasi_config::WasiConfig;

use crate::cache::{Cache, hex};
use crate::engine::{engine_config, keep_ticking};
use crate::http;
use crate::state::State;

/// The package whose interfaces a connector exports.
const PACKAGE: &str = "proofpoint:connector/";

/// Why a component cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file does not exist.
    #[error("there is no component at {}; `just build` makes one, --component FILE names another", .0.display())]
    Missing(PathBuf),
    /// The file cannot be read.
    #[error("cannot read {}: {source}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is a core WebAssembly module.
    #[error("{} is a core WebAssembly module, not a component; build it for wasm32-wasip2", .0.display())]
    CoreModule(PathBuf),
    /// The file is not WebAssembly.
    #[error("{} is not a WebAssembly component", .0.display())]
    NotAComponent(PathBuf),
    /// The component is valid, but exports nothing of `proofpoint:connector`.
    #[error("{} is a component, but not a Proofpoint connector: it exports {exports}", .file.display())]
    Foreign {
        /// The file.
        file: PathBuf,
        /// What it exports instead.
        exports: String,
    },
    /// The component does not compile, or imports what this host does not give.
    #[error("cannot use {}: {message}", .file.display())]
    Unusable {
        /// The file.
        file: PathBuf,
        /// Why.
        message: String,
    },
}

/// An exported function.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) index: ComponentExportIndex,
    pub(crate) signature: ComponentFunc,
}

/// A loaded component. Instances of it are cheap.
pub struct Connector {
    pub(crate) pre: InstancePre<State>,
    pub(crate) functions: Arc<BTreeMap<String, Function>>,
    imports: Vec<String>,
    exports: Vec<String>,
    size: usize,
    sha256: String,
}

impl Connector {
    /// Loads the component in `file`, compiled or from the `cache`, in an engine of its own.
    pub fn load(file: &Path, cache: &Cache) -> Result<Self, LoadError> {
        Self::load_into(&engine_config(), file, cache)
    }

    /// The same in an engine of this configuration, which is [`engine_config`] and whatever the host adds.
    pub fn load_into(config: &Config, file: &Path, cache: &Cache) -> Result<Self, LoadError> {
        let bytes = std::fs::read(file).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => LoadError::Missing(file.to_owned()),
            _ => LoadError::Unreadable { file: file.to_owned(), source },
        })?;
        // Both kinds begin with the same magic number; the second half of the version tells them apart.
        match bytes.get(..8) {
            Some(b"\0asm\x01\0\0\0") => return Err(LoadError::CoreModule(file.to_owned())),
            Some([b'\0', b'a', b's', b'm', _, _, 1, 0]) => {}
            _ => return Err(LoadError::NotAComponent(file.to_owned())),
        }
        let unusable = |error: wasmtime::Error| LoadError::Unusable {
            file: file.to_owned(),
            message: format!("{error:#}").replace('\n', " "),
        };
        let engine = Engine::new(config).map_err(unusable)?;
        keep_ticking(&engine);
        let component = cache.compile(&engine, &bytes).map_err(unusable)?;
        let kind = component.component_type();
        let exports: Vec<String> = kind.exports(&engine).map(|(name, _)| name.to_owned()).collect();
        if !exports.iter().any(|name| name.starts_with(PACKAGE)) {
            let exports = if exports.is_empty() { "nothing".to_owned() } else { exports.join(", ") };
            return Err(LoadError::Foreign { file: file.to_owned(), exports });
        }
        let imports: Vec<String> = kind.imports(&engine).map(|(name, _)| name.to_owned()).collect();
        let pre = linker(&engine, &imports).and_then(|l| l.instantiate_pre(&component)).map_err(unusable)?;
        let functions = Arc::new(functions(&engine, &component));
        let sha256 = hex(&Sha256::digest(&bytes));
        Ok(Self { pre, functions, imports, exports, size: bytes.len(), sha256 })
    }

    /// Names of the functions that can be called: `incidents.incident-list`.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// Names of the interfaces that the component imports.
    pub fn imports(&self) -> &[String] {
        &self.imports
    }

    /// Names of the interfaces that the component exports.
    pub fn exports(&self) -> &[String] {
        &self.exports
    }

    /// Size of the component in bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// SHA-256 of the component, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

/// Gives a component configuration, HTTP and clocks. A build that keeps its panic messages imports
/// `wasi:cli` as well and gets all of WASI, with nothing behind it but randomness and a bounded standard error: no
/// file, no socket, no environment.
fn linker(engine: &Engine, imports: &[String]) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    if imports.iter().any(|name| name.starts_with("wasi:cli/")) {
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    } else {
        wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(&mut linker)?;
    }
    http::add_to_linker(&mut linker)?;
    wasmtime_wasi_config::add_to_linker(&mut linker, |state: &mut State| WasiConfig::from(&state.config))?;
    Ok(linker)
}

/// The functions of the package's interfaces, by `interface.function`.
fn functions(engine: &Engine, component: &Component) -> BTreeMap<String, Function> {
    let mut functions = BTreeMap::new();
    for (name, export) in component.component_type().exports(engine) {
        let Some(interface) = name.strip_prefix(PACKAGE) else { continue };
        let interface = interface.split('@').next().unwrap_or(interface);
        let ComponentItem::ComponentInstance(instance) = export.ty else { continue };
        let Some(parent) = component.get_export_index(None, name) else { continue };
        for (function, export) in instance.exports(engine) {
            let ComponentItem::ComponentFunc(signature) = export.ty else { continue };
            let Some(index) = component.get_export_index(Some(&parent), function) else { continue };
            functions.insert(format!("{interface}.{function}"), Function { index, signature });
        }
    }
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(content: &[u8]) -> Result<Connector, LoadError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        Connector::load(file.path(), &Cache::disabled())
    }

    #[test]
    fn each_unusable_file_is_told_apart() {
        let missing = Connector::load("no/such.wasm".as_ref(), &Cache::disabled());
        assert!(matches!(missing, Err(LoadError::Missing(_))));
        assert!(matches!(load(b""), Err(LoadError::NotAComponent(_))));
        assert!(matches!(load(b"#!/bin/sh and more"), Err(LoadError::NotAComponent(_))));
        assert!(matches!(load(&wat::parse_str("(module)").unwrap()), Err(LoadError::CoreModule(_))));
        let broken = b"\0asm\x0d\0\x01\0garbage";
        assert!(matches!(load(broken), Err(LoadError::Unusable { .. })));
    }

    #[test]
    fn a_component_with_other_exports_is_named_as_such() {
        let other = wat::parse_str("(component (instance $i) (export \"a:b/c\" (instance $i)))").unwrap();
        let Err(error) = load(&other) else { panic!("loaded") };
        assert!(error.to_string().ends_with("it exports a:b/c"), "{error}");
    }

    #[test]
    fn an_import_that_the_host_does_not_give_is_named() {
        let greedy = wat::parse_str(
            "(component (import \"vendor:secrets/store\" (instance (export \"f\" (func))))
                        (instance $i) (export \"proofpoint:connector/incidents@0.1.0\" (instance $i)))",
        )
        .unwrap();
        let Err(error) = load(&greedy) else { panic!("loaded") };
        assert!(error.to_string().contains("vendor:secrets/store"), "{error}");
    }
}
