//! The flags that every command has.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use proofpoint_host::{Cache, http};
use tracing_subscriber::EnvFilter;

use super::output::{Format, Output, say};

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Settings file, TOML
    #[arg(long, global = true, value_name = "FILE", env = "PROOFPOINT_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Use the settings of [profiles.NAME] over the file's
    #[arg(long, global = true, value_name = "NAME", env = "PROOFPOINT_PROFILE")]
    pub(crate) profile: Option<String>,
    /// The component; default: connector.wasm beside this program
    #[arg(long, global = true, value_name = "FILE", env = "PROOFPOINT_COMPONENT")]
    component: Option<PathBuf>,
    /// How to print; default: table on a terminal, else json
    #[arg(long, short, global = true, value_name = "FORMAT")]
    output: Option<Format>,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: When,
    /// Trust the certificate authorities in this PEM file as well
    #[arg(long, global = true, value_name = "PEM")]
    ca_file: Option<PathBuf>,
    /// Trust any certificate: anyone in between can read and change everything
    #[arg(long, global = true)]
    insecure: bool,
    /// Use the proxy of HTTPS_PROXY, HTTP_PROXY and NO_PROXY
    #[arg(long, global = true)]
    proxy_from_env: bool,
    /// Connect to a configured name also where it leads to a private or link-local address
    #[arg(long, global = true)]
    allow_private_addresses: bool,
    /// Hand the client secrets to the component; without, only this program has them
    #[arg(long, global = true)]
    give_secrets: bool,
    /// Compile the component anew, and keep nothing
    #[arg(long, global = true)]
    no_cache: bool,
    /// Log what happens to standard error
    #[arg(long, short, global = true)]
    verbose: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

impl Global {
    /// Warnings, or with --verbose the requests too, on standard error.
    pub(crate) fn start_logging(&self) {
        let filter = if self.verbose {
            "warn,proofpoint=debug,proofpoint_host=debug"
        } else {
            "warn,wasmtime_wasi_http=error"
        };
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(filter))
            .with_writer(std::io::stderr)
            .with_ansi(self.colours(std::io::stderr().is_terminal()))
            .without_time()
            .log_internal_errors(false)
            .init();
    }

    /// How to print, where it was said.
    pub(crate) fn format(&self) -> Option<Format> {
        self.output
    }

    /// How to print.
    pub(crate) fn output(&self) -> Output {
        let terminal = std::io::stdout().is_terminal();
        let format = self.output.unwrap_or(if terminal { Format::Table } else { Format::Json });
        let width = terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| width.0);
        Output { format, colours: self.colours(terminal), width }
    }

    /// `NO_COLOR` counts when it is not empty (no-color.org), and less than the flag.
    fn colours(&self, terminal: bool) -> bool {
        match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }

    /// The component file: as given, or beside this program.
    pub(crate) fn component(&self) -> PathBuf {
        let beside = || std::env::current_exe().unwrap_or_default().with_file_name("connector.wasm");
        self.component.clone().unwrap_or_else(beside)
    }

    /// Where compiled components are kept.
    pub(crate) fn cache(&self) -> Cache {
        match std::env::var_os("PROOFPOINT_CACHE_DIR").filter(|directory| !directory.is_empty()) {
            _ if self.no_cache => Cache::disabled(),
            Some(directory) => Cache::in_directory(directory),
            None => Cache::of_user(),
        }
    }

    /// Whether the component is told the client secrets.
    pub(crate) fn gives_secrets(&self) -> bool {
        self.give_secrets
    }

    /// How connections are made. Trusting anyone is said aloud each time.
    pub(crate) fn http(&self) -> http::Options {
        if self.insecure {
            say("WARNING: --insecure: certificates are not verified, the connection is not private");
        }
        if self.allow_private_addresses {
            say(
                "WARNING: --allow-private-addresses: whoever answers for a host's name can lead into this network",
            );
        }
        http::Options {
            ca_file: self.ca_file.clone(),
            insecure: self.insecure,
            proxy_from_env: self.proxy_from_env,
            private_addresses: self.allow_private_addresses,
        }
    }
}
